package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.text.Encoding;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code mft tokenize}: what a model sees of a text, and what text its token ids are.
 *
 * <p>Offsets count characters (Unicode code points) of the text, as Python's strings do.
 */
@Command(
    name = "tokenize",
    description = "Shows the tokens of a text, or the text of token ids.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {"", "Offsets count characters: Unicode code points, as Python does."})
final class TokenizeCommand implements Callable<Integer> {
  private static final int WIDEST_PIECE = 24; // longer ones push their text to the right

  private static final class Input {
    @Option(names = "--text", paramLabel = "TEXT", description = "The text, or the ids: \"1 2 3\".")
    @Nullable String text;

    @Option(names = "--file", paramLabel = "FILE", description = "A file of it, in UTF-8.")
    @Nullable Path file;
  }

  @Option(
      names = {"--model", "--model-name-or-path"},
      required = true,
      paramLabel = "DIR",
      description = "A folder with tokenizer.json, or vocab.json and merges.txt.")
  private Path model = Path.of("");

  @ArgGroup(heading = "Without one of these two, stdin:%n")
  private Input input = new Input();

  @Option(
      names = "--decode",
      description = "Turn ids into text; reads numbers, or what --json prints.")
  private boolean decode;

  @Option(
      names = "--no-special-tokens",
      description = "Put none around the text; with --decode, leave them out.")
  private boolean plain;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(model);
    String given = given();
    if (decode) {
      decode(tokenizer, given);
    } else {
      encode(tokenizer, given);
    }
    spec.commandLine().getOut().flush();
    return 0;
  }

  private String source() {
    return input.text != null ? "--text" : input.file != null ? input.file.toString() : "stdin";
  }

  private String given() throws IOException {
    if (input.text != null) {
      return input.text;
    }
    byte[] bytes = input.file != null ? Files.readAllBytes(input.file) : System.in.readAllBytes();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(source() + ": expected UTF-8 text; is it a binary file?", e);
    }
  }

  private void encode(Tokenizer tokenizer, String text) {
    Encoding tokens = tokenizer.encodeWithOffsets(text, !plain);
    int[] characters = characters(text);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(object(tokenizer, tokens, characters));
      return;
    }
    if (Terminal.stdout()) {
      out.println(coloured(text, tokens));
    }
    table(tokenizer, text, tokens, characters, out);
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    int count = characters[text.length()];
    err.printf(Locale.ROOT, "%,d tokens of %,d characters%n", tokens.size(), count);
    err.flush();
  }

  /** The number of characters before each place in a text. */
  private static int[] characters(String text) {
    int[] before = new int[text.length() + 1];
    for (int i = 1; i < before.length; i++) {
      boolean second = i > 1 && Character.isSurrogatePair(text.charAt(i - 2), text.charAt(i - 1));
      before[i] = before[i - 1] + (second ? 0 : 1);
    }
    return before;
  }

  private static JsonObject object(Tokenizer tokenizer, Encoding tokens, int[] characters) {
    List<String> pieces = new ArrayList<>();
    List<int[]> offsets = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      pieces.add(tokenizer.piece(tokens.id(i)));
      offsets.add(new int[] {characters[tokens.start(i)], characters[tokens.end(i)]});
    }
    return JsonObject.empty()
        .put("ids", tokens.ids())
        .put("pieces", pieces)
        .put("offsets", offsets);
  }

  /** A line for each token; not a {@link Table}, which would hold all of a large file. */
  private static void table(
      Tokenizer tokenizer, String text, Encoding tokens, int[] characters, PrintWriter out) {
    int digits = Math.max(4, Integer.toString(characters[text.length()]).length());
    int widest = 5;
    for (int i = 0; i < tokens.size(); i++) {
      int width = VisibleText.of(tokenizer.piece(tokens.id(i))).length();
      widest = Math.max(widest, Math.min(width, WIDEST_PIECE));
    }
    var line = new StringBuilder();
    row(line, digits, "id", "from", "to", pad("piece", widest) + "  text");
    for (int i = 0; i < tokens.size(); i++) {
      int from = tokens.start(i);
      int to = tokens.end(i);
      String piece = VisibleText.of(tokenizer.piece(tokens.id(i)));
      String both =
          from == to
              ? piece
              : pad(piece, widest) + "  \"" + VisibleText.of(text.substring(from, to)) + '"';
      row(line, digits, "" + tokens.id(i), "" + characters[from], "" + characters[to], both);
      if (line.length() > 1 << 13) {
        out.print(line);
        line.setLength(0);
      }
    }
    out.print(line);
  }

  private static void row(
      StringBuilder to, int digits, String id, String from, String end, String rest) {
    right(to, id, 7);
    right(to, from, digits);
    right(to, end, digits);
    to.append(rest).append(System.lineSeparator());
  }

  private static void right(StringBuilder to, String cell, int width) {
    to.append(" ".repeat(Math.max(0, width - cell.length()))).append(cell).append("  ");
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  /** The text with its tokens on backgrounds that alternate, and a final line break. */
  private static String coloured(String text, Encoding tokens) {
    var all = new StringBuilder();
    int done = 0;
    for (int i = 0; i < tokens.size(); i++) {
      int from = Math.max(done, tokens.start(i));
      int to = tokens.end(i);
      if (to <= done) {
        continue; // stands for nothing, or for another part of a character
      }
      all.append(VisibleText.of(text.substring(done, from))); // what belongs to no token
      String colour = i % 2 == 0 ? "\033[30;46m" : "\033[30;43m";
      all.append(colour).append(VisibleText.of(text.substring(from, to))).append("\033[0m");
      if (text.charAt(to - 1) == '\n') {
        all.append(System.lineSeparator());
      }
      done = to;
    }
    return all.append(VisibleText.of(text.substring(done)))
        .append(System.lineSeparator())
        .toString();
  }

  private void decode(Tokenizer tokenizer, String given) throws IOException {
    int[] ids = ids(given);
    TreeSet<Integer> unknown = new TreeSet<>();
    for (int id : ids) {
      if (!tokenizer.has(id)) {
        unknown.add(id);
      }
    }
    if (!unknown.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("Passed over, as the tokenizer has no piece for them: " + unknown);
      err.flush();
    }
    String text = tokenizer.decode(ids, plain);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonObject.empty().put("ids", ids).put("text", text));
    } else {
      out.print(text); // not a character more: the file that was encoded comes out again
      if (Terminal.stdout()) {
        out.println();
      }
    }
  }

  private int[] ids(String given) throws IOException {
    if (given.stripLeading().startsWith("{")) {
      return JsonObject.parse(source(), given).integers("ids");
    }
    List<Integer> ids = new ArrayList<>();
    var numbers = new StringTokenizer(given, " \t\r\n,[]");
    while (numbers.hasMoreTokens()) {
      String number = numbers.nextToken();
      if (!number.matches("[0-9]{1,9}")) {
        throw new FormatException(
            source()
                + ": expected token ids, whole numbers, found \""
                + (number.length() > 40 ? number.substring(0, 40) + "..." : number)
                + "\" after "
                + ids.size()
                + " of them; without --decode, text becomes ids");
      }
      ids.add(Integer.parseInt(number));
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
