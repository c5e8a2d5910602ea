import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Writes the quickstart's data: the same bytes on every machine.
 *
 * <pre>
 * java tools/quickstart/Generate.java own  DIR [WORDS]   train, heldout, retention, show .jsonl
 * java tools/quickstart/Generate.java base FILE COUNT    what the base model is pre-trained on
 * java tools/quickstart/Generate.java text FILE COUNT    the same as plain lines, for the tokenizer
 * </pre>
 *
 * <p>No command and no action of {@code heldout}, {@code retention} and {@code show} occurs in
 * {@code train} or in the base data, and no own word occurs in the base data.
 */
final class Generate {
  private static final int MADE_UP_PERCENT = 35;
  private static final int REPLAYED_MADE_UP_PERCENT = 10;
  private static final int OWN_TRAINING = 280;
  private static final int REPLAYED = 120;
  private static final int HELD_OUT = 200;
  private static final int RETAINED = 200;

  private final OwnWords own;

  /** Commands and actions that are already in a file. */
  private final Set<String> used = new HashSet<>();

  private Generate(OwnWords own) {
    this.own = own;
  }

  public static void main(String[] args) throws IOException {
    String kind = args.length < 2 ? "" : args[0];
    boolean ownFiles = kind.equals("own") && args.length <= 3;
    boolean baseFile = (kind.equals("base") || kind.equals("text")) && args.length == 3;
    if (!ownFiles && !baseFile) {
      System.err.println(
          "usage: Generate.java own DIR [WORDS] | base FILE COUNT | text FILE COUNT");
      System.exit(2);
    }
    Path words = Path.of(ownFiles && args.length == 3 ? args[2] : "tools/quickstart/own-words.txt");
    var generate = new Generate(OwnWords.read(words));
    Path target = Path.of(args[1]);
    if (ownFiles) {
      generate.ownFiles(target);
    } else {
      write(
          target,
          generate.baseCommands(Integer.parseInt(args[2])),
          kind.equals("base") ? Command::json : Command::line);
    }
  }

  private void ownFiles(Path directory) throws IOException {
    write(directory.resolve("show.jsonl"), shown(), Command::json);
    write(directory.resolve("heldout.jsonl"), heldOut(), Command::json);
    write(directory.resolve("retention.jsonl"), retained(), Command::json);
    var train = new ArrayList<Command>(ownCommands(new Draw(3), OWN_TRAINING));
    train.addAll(commonCommands(new Draw(4), REPLAYED_MADE_UP_PERCENT, REPLAYED));
    write(directory.resolve("train.jsonl"), new Draw(5).shuffled(train), Command::json);
  }

  private List<Command> baseCommands(int count) {
    shown();
    heldOut();
    retained();
    var grammar = new Grammar(new Draw(6), MADE_UP_PERCENT);
    var commands = new ArrayList<Command>(count);
    while (commands.size() < count) {
      Command command = grammar.common();
      if (!own.in(command) && !used(command)) {
        commands.add(command);
      }
    }
    return commands;
  }

  private List<Command> shown() {
    own.shown().forEach(this::use);
    return own.shown();
  }

  private List<Command> heldOut() {
    return ownCommands(new Draw(1), HELD_OUT);
  }

  private List<Command> retained() {
    return commonCommands(new Draw(2), 0, RETAINED);
  }

  /** Commands with every own word in turn. */
  private List<Command> ownCommands(Draw draw, int count) {
    var grammar = new Grammar(draw, 0);
    var words = own.words();
    return fresh(count, i -> grammar.own(words.get(i % words.size()), own));
  }

  private List<Command> commonCommands(Draw draw, int madeUpPercent, int count) {
    var grammar = new Grammar(draw, madeUpPercent);
    return fresh(
        count,
        i -> {
          Command command;
          do {
            command = grammar.common();
          } while (own.in(command));
          return command;
        });
  }

  /** Commands whose text and action are in no file yet, nor twice in this one. */
  private List<Command> fresh(int count, IntFunction<Command> source) {
    var commands = new ArrayList<Command>(count);
    while (commands.size() < count) {
      Command command = source.apply(commands.size());
      if (!used(command)) {
        use(command);
        commands.add(command);
      }
    }
    return commands;
  }

  private void use(Command command) {
    used.add(command.text());
    used.add(command.action());
  }

  private boolean used(Command command) {
    return used.contains(command.text()) || used.contains(command.action());
  }

  private static void write(Path file, List<Command> commands, Function<Command, String> form)
      throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, commands.stream().map(form).toList());
  }
}
