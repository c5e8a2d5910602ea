import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The words of the base model's world, and names made up on the spot that it learns to copy. */
final class Words {
  private Words() {}

  static final List<Name> ROOMS =
      names(
          """
          kitchen, bedroom, bathroom, living room, dining room, hallway, garage, office, study,
          guest room, nursery, laundry room, pantry, attic, basement, cellar, workshop, balcony,
          terrace, porch, garden, library, playroom, gym, reading corner, sauna, entrance hall,
          conservatory, lounge = living room, loo = bathroom, kids room = nursery,
          backyard = garden, corridor = hallway, cooking area = kitchen, restroom = bathroom,
          master bedroom = bedroom, sitting room = living room
          """);

  static final List<Name> LIGHTS =
      names(
          """
          lamp, ceiling light, floor lamp, desk lamp, night light, spotlight, chandelier,
          reading light, light strip, wall light, bedside lamp, lantern,
          main light = ceiling light, nightlight = night light, led strip = light strip,
          standing lamp = floor lamp, table lamp = desk lamp
          """);

  static final List<Name> SWITCHES =
      names(
          """
          fan, heater, television, radio, coffee machine, kettle, dishwasher, washing machine,
          dryer, air purifier, humidifier, oven, robot vacuum, projector, toaster, computer,
          printer, speaker, pump, air conditioner, tv = television, washer = washing machine,
          coffee maker = coffee machine, ac = air conditioner, telly = television,
          stereo = speaker, radiator = heater, vacuum = robot vacuum,
          espresso machine = coffee machine, hoover = robot vacuum, beamer = projector
          """);

  static final List<Name> COVERS =
      names(
          """
          blinds, curtains, window, door, shutters, skylight, gate, awning, drapes = curtains,
          shades = blinds, roller blinds = blinds
          """);

  static final Set<Name> DEVICES =
      Stream.of(LIGHTS, SWITCHES, COVERS)
          .flatMap(List::stream)
          .collect(Collectors.toUnmodifiableSet());

  static final List<Name> SCENES =
      names(
          """
          cinema, dinner, party, breakfast, evening, vacation, work, sleep, study, cleaning,
          relaxation, guests, yoga, romance, gaming, bedtime = sleep, holiday = vacation,
          supper = dinner, celebration = party
          """);

  static final List<Name> MUSIC =
      names(
          """
          jazz, rock, blues, classical, folk, soul, opera, country, techno, reggae, disco, pop,
          swing, metal
          """);

  /** Rooms that one is on, not in. */
  static final Set<String> ON = Set.of("balcony", "terrace", "porch");

  private static final List<String> ADJECTIVES =
      list(
          """
          new, big, small, little, red, blue, green, yellow, black, white, golden, silver, tall,
          round, quiet, loud, warm, cold, lazy, happy, fancy, tiny, second, upper, lower, left,
          right, front, back, wooden, glass, copper, secret, sunny, rusty, shiny, broken,
          favorite, clever, noisy
          """);

  private static final List<String> NOUNS =
      list(
          """
          tiger, bear, falcon, turtle, wizard, rocket, castle, harbor, island, forest, river,
          cloud, star, comet, engine, bridge, tower, barrel, basket, bottle, button, candle,
          carpet, chair, clock, cradle, desk, drum, feather, ferry, flower, fountain, fox, ghost,
          giant, hammer, horse, jungle, kite, ladder, lemon, lighthouse, mirror, monster,
          mountain, mouse, mushroom, needle, nest, orchid, owl, palace, parrot, pearl, piano,
          pirate, planet, pony, puzzle, queen, rabbit, robot, saddle, sailor, shadow, shelf,
          shell, snail, snake, spider, sponge, statue, stove, submarine, table, tent, theater,
          thunder, train, trumpet, tunnel, umbrella, valley, village, violin, volcano, wagon,
          whale, wheel, window seat, winter, wolf, zebra, corner, place, den, hut, bunker, studio,
          chamber, cabin, deck, lab, shed, bar, salon, zone, base, spot, thing, machine, gadget,
          unit, friend, buddy, king, captain, doctor, chef, baby, boss, day, night, hour, mood,
          break, fun, rest, storm
          """);

  private static final List<String> PEOPLE =
      list(
          """
          anna, ben, carla, david, emma, felix, greta, hugo, ida, jonas, karl, lena, max, nora,
          oscar, paula, quinn, rosa, sam, tina, uncle joe, victor, wendy, yara, zoe, mom, dad,
          grandpa, aunt may
          """);

  private static final List<String> ONSETS =
      list(
          "b, br, c, ch, cl, d, dr, f, fl, g, gr, h, j, k, l, m, n, p, pl, qu, r, s, sh, st, t, th,"
              + " tr, v, w, y, z");
  private static final List<String> VOWELS = list("a, e, i, o, u, ai, ee, oo, ou, ea, y");
  private static final List<String> CODAS =
      list("b, ck, d, g, l, ll, m, n, nd, ng, nt, p, r, rt, s, st, t, th, x, zz");

  private static List<String> list(String text) {
    return List.of(text.strip().split(",\\s+"));
  }

  private static List<Name> names(String text) {
    var names = new ArrayList<Name>();
    for (String entry : list(text)) {
      String[] parts = entry.split(" = ");
      names.add(new Name(true, parts[0], parts[parts.length - 1]));
    }
    return List.copyOf(names);
  }

  /** A name nobody has heard before; the house calls it the same. */
  static Name madeUp(Draw draw) {
    return switch (draw.below(10)) {
      case 0, 1 -> Name.known(draw.from(NOUNS));
      case 2 -> Name.known(draw.from(ADJECTIVES) + " " + draw.from(NOUNS));
      case 3 -> Name.known(draw.from(ADJECTIVES) + " " + invented(draw));
      case 4 -> bare(draw.from(PEOPLE) + "'s " + draw.from(NOUNS));
      case 5 -> bare(draw.from(NOUNS) + " " + draw.from(NOUNS));
      case 6 -> bare(invented(draw));
      case 7 -> Name.known(invented(draw) + " " + draw.from(NOUNS));
      default -> Name.known(invented(draw));
    };
  }

  private static Name bare(String text) {
    return new Name(false, text, text);
  }

  private static String invented(Draw draw) {
    var word = new StringBuilder();
    for (int syllable = draw.percent(60) ? 1 : 0; syllable >= 0; syllable--) {
      word.append(draw.from(ONSETS)).append(draw.from(VOWELS));
      if (draw.percent(50)) {
        word.append(draw.from(CODAS));
      }
    }
    return word.toString();
  }
}
