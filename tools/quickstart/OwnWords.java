import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One person's own words and the commands to show, read from a file like {@code own-words.txt}. */
record OwnWords(List<Word> words, List<Command> shown) {

  enum Kind {
    ROOM,
    LIGHT,
    SWITCH,
    COVER,
    SCENE
  }

  private static final Set<String> KINDS = Set.of("room", "light", "switch", "cover", "scene");

  record Word(Kind kind, Name name) {}

  static OwnWords read(Path file) throws IOException {
    var words = new ArrayList<Word>();
    var shown = new ArrayList<Command>();
    for (String line : Files.readAllLines(file)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] command = line.split(" => ");
      if (command.length == 2) {
        shown.add(new Command(command[0].strip(), command[1].strip()));
        continue;
      }
      String[] parts = line.split(": | = ");
      if (parts.length != 3 || !KINDS.contains(parts[0].strip())) {
        throw new IOException(
            file
                + ": expected KIND: PHRASE = NAME or COMMAND => ACTION, found <"
                + line
                + ">: correct the line");
      }
      String phrase = parts[1].strip();
      boolean article = phrase.startsWith("the ");
      var name = new Name(article, article ? phrase.substring(4) : phrase, parts[2].strip());
      words.add(new Word(Kind.valueOf(parts[0].strip().toUpperCase(Locale.ROOT)), name));
    }
    return new OwnWords(List.copyOf(words), List.copyOf(shown));
  }

  List<Name> of(Kind kind) {
    return words.stream().filter(w -> w.kind() == kind).map(Word::name).toList();
  }

  /** Whether the command contains one of the words. */
  boolean in(Command command) {
    String text =
        " " + command.text().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9']+", " ") + " ";
    return words.stream().anyMatch(w -> text.contains(" " + w.name().text() + " "));
  }
}
