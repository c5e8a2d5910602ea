import java.util.ArrayList;
import java.util.List;

/** Draws commands: an intent, names for its slots, a template, and the small talk around it. */
final class Grammar {
  private static final List<String> GREETINGS = List.of("hey, ", "ok, ", "hello, ", "so, ", "now ");
  private static final List<String> REQUESTS =
      List.of(
          "please ",
          "could you ",
          "can you ",
          "would you ",
          "could you please ",
          "i would like you to ");
  private static final List<String> THANKS =
      List.of(" please", ", please", " now", ", thanks", ", thank you", " for me", " right now");

  private final Draw draw;

  /** Percentage of names that are made up. */
  private final int madeUp;

  Grammar(Draw draw, int madeUp) {
    this.draw = draw;
    this.madeUp = madeUp;
  }

  /** A command in the words of the base model's world. */
  Command common() {
    Intent intent =
        draw.percent(62)
            ? draw.from(
                List.of(
                    Intent.TURN_ON,
                    Intent.TURN_OFF,
                    Intent.CHECK,
                    Intent.SET_BRIGHTNESS,
                    Intent.OPEN,
                    Intent.CLOSE))
            : draw.from(
                List.of(
                    Intent.SET_TEMPERATURE,
                    Intent.PLAY,
                    Intent.STOP_MUSIC,
                    Intent.START_SCENE,
                    Intent.STOP_SCENE));
    return say(intent, device(intent), place(), value(intent));
  }

  /** A command with this word of a person's own, and perhaps a second one. */
  Command own(OwnWords.Word word, OwnWords own) {
    Name name = word.name();
    return switch (word.kind()) {
      case ROOM -> {
        Intent intent = draw.from(List.of(Intent.values()));
        Name common = device(intent);
        List<Name> devices = common == null ? List.of() : own.of(deviceKind(intent));
        List<Name> scenes = own.of(OwnWords.Kind.SCENE);
        boolean scene = intent == Intent.START_SCENE || intent == Intent.STOP_SCENE;
        yield say(
            intent,
            !devices.isEmpty() && draw.percent(50) ? draw.from(devices) : common,
            name,
            scene && draw.percent(50) ? draw.from(scenes) : value(intent));
      }
      case LIGHT -> {
        Intent intent =
            draw.from(
                List.of(Intent.TURN_ON, Intent.TURN_OFF, Intent.CHECK, Intent.SET_BRIGHTNESS));
        yield say(intent, name, place(own), value(intent));
      }
      case SWITCH -> {
        Intent intent = draw.from(List.of(Intent.TURN_ON, Intent.TURN_OFF, Intent.CHECK));
        yield say(intent, name, place(own), null);
      }
      case COVER -> say(draw.from(List.of(Intent.OPEN, Intent.CLOSE)), name, place(own), null);
      case SCENE ->
          say(draw.from(List.of(Intent.START_SCENE, Intent.STOP_SCENE)), null, place(own), name);
    };
  }

  private OwnWords.Kind deviceKind(Intent intent) {
    return switch (intent) {
      case SET_BRIGHTNESS -> OwnWords.Kind.LIGHT;
      case OPEN, CLOSE -> OwnWords.Kind.COVER;
      default -> draw.percent(50) ? OwnWords.Kind.LIGHT : OwnWords.Kind.SWITCH;
    };
  }

  private Name device(Intent intent) {
    return switch (intent) {
      case TURN_ON, TURN_OFF, CHECK -> name(draw.percent(40) ? Words.LIGHTS : Words.SWITCHES);
      case SET_BRIGHTNESS -> name(Words.LIGHTS);
      case OPEN, CLOSE -> name(Words.COVERS);
      default -> null;
    };
  }

  private Name place() {
    return draw.percent(84) ? name(Words.ROOMS) : null;
  }

  private Name place(OwnWords own) {
    List<Name> rooms = own.of(OwnWords.Kind.ROOM);
    return !rooms.isEmpty() && draw.percent(45) ? draw.from(rooms) : place();
  }

  private Name value(Intent intent) {
    return switch (intent) {
      case SET_BRIGHTNESS -> Name.known(Integer.toString(5 + 5 * draw.below(19)));
      case SET_TEMPERATURE -> Name.known(Integer.toString(14 + draw.below(14)));
      case PLAY -> name(Words.MUSIC);
      case START_SCENE, STOP_SCENE -> name(Words.SCENES);
      default -> null;
    };
  }

  private Name name(List<Name> known) {
    return draw.percent(madeUp) ? Words.madeUp(draw) : draw.from(known);
  }

  private Command say(Intent intent, Name device, Name room, Name value) {
    boolean order = draw.percent(70);
    String template;
    do {
      template = draw.from(order ? intent.orders : intent.remarks);
    } while (!fits(template, device, room));
    String place =
        room == null ? "" : (Words.ON.contains(room.value()) ? " on " : " in ") + room.phrase();
    String text = template;
    if (order && !place.isEmpty() && text.contains("{L}") && draw.percent(20)) {
      text = place.substring(1) + ", " + text.replace("{L}", "");
    } else {
      text = text.replace("{L}", place);
      if (draw.percent(35)) {
        text = draw.from(order ? REQUESTS : GREETINGS) + text;
      }
    }
    if (device != null) {
      text = text.replace("{D}", device.phrase()).replace("{d}", device.text());
    }
    if (room != null) {
      text = text.replace("{R}", room.phrase()).replace("{r}", room.text());
    }
    if (value != null) {
      text = text.replace("{v}", value.text());
    }
    if (draw.percent(20)) {
      text += draw.from(THANKS);
    }
    return new Command(typed(text), action(intent, device, room, value));
  }

  /** Whether the template fills and can be understood: not "the nora's drum tiny robot". */
  private static boolean fits(String template, Name device, Name room) {
    if (template.contains("{R}")) {
      return room != null;
    }
    if (!template.contains("{r}")) {
      return true;
    }
    return room != null
        && room.article()
        && device.article()
        && (Words.DEVICES.contains(device)
            || Words.ROOMS.contains(room) && device.text().equals(device.value()));
  }

  /** With a capital and a full stop or question mark now and then, as people type. */
  private String typed(String text) {
    String typed =
        draw.percent(15) ? Character.toUpperCase(text.charAt(0)) + text.substring(1) : text;
    if (!draw.percent(20)) {
      return typed;
    }
    boolean question = text.matches("(could|can|would|is|did) .*");
    return typed + (question ? "?" : ".");
  }

  private static String action(Intent intent, Name device, Name room, Name value) {
    var slots = new ArrayList<String>();
    if (device != null) {
      slots.add("device: " + device.value());
    }
    if (value != null && device == null) {
      slots.add(intent.slot + ": " + value.value());
    }
    if (room != null) {
      slots.add("room: " + room.value());
    }
    if (value != null && device != null) {
      slots.add(intent.slot + ": " + value.value());
    }
    return intent.word + "(" + String.join(", ", slots) + ")";
  }
}
