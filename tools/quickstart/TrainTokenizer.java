import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Trains a byte-level BPE tokenizer on text files and writes it as a tokenizer.json.
 *
 * <pre>java TrainTokenizer.java --size 1500 --output DIR FILE...</pre>
 *
 * <p>Byte-pair encoding after Sennrich, Haddow and Birch (2016) on GPT-2's words and alphabet: the
 * 256 bytes come first, then one piece for each merge, and last {@code <|endoftext|>}. Always the
 * pair with the highest count is merged; of equals the one that comes first when left and then
 * right pieces are compared. The same files, in any order, so give the same bytes.
 */
public final class TrainTokenizer {
  private static final String END_OF_TEXT = "<|endoftext|>";

  /** White space as the tokenizer's regular expression understands it. */
  private static final String SPACE =
      "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^S\\p{L}\\p{N}]+|[S]+(?![^S])|[S]+"
              .replace("S", SPACE));

  /** A word of the text, as the ids of its pieces so far. */
  private static final class Word {
    int[] ids;
    final long count;

    Word(int[] ids, long count) {
      this.ids = ids;
      this.count = count;
    }
  }

  private record Pair(int left, int right) {}

  private final List<String> pieces = new ArrayList<>();
  private final List<Pair> merges = new ArrayList<>();
  private final List<Word> words = new ArrayList<>();
  private final Map<Pair, Long> counts = new HashMap<>();
  private final Map<Pair, Set<Word>> users = new HashMap<>();

  private TrainTokenizer(Map<String, Long> wordCounts) {
    int[] idOfByte = new int[256];
    for (int id = 0; id < 256; id++) { // ids in the order of the characters, like GPT-2
      int octet = bytesInCharacterOrder()[id];
      idOfByte[octet] = id;
      pieces.add(String.valueOf(character(octet)));
    }
    wordCounts.forEach(
        (text, count) -> {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          int[] ids = new int[bytes.length];
          for (int i = 0; i < ids.length; i++) {
            ids[i] = idOfByte[bytes[i] & 0xff];
          }
          Word word = new Word(ids, count);
          words.add(word);
          count(word, 1);
        });
  }

  public static void main(String[] arguments) throws IOException {
    List<Path> files = new ArrayList<>();
    Path output = null;
    int size = 0;
    for (int i = 0; i < arguments.length; i++) {
      boolean last = i + 1 == arguments.length;
      if (arguments[i].equals("--size") && !last) {
        size = Integer.parseInt(arguments[++i]);
      } else if (arguments[i].equals("--output") && !last) {
        output = Path.of(arguments[++i]);
      } else {
        files.add(Path.of(arguments[i]));
      }
    }
    if (output == null || files.isEmpty() || size < 257) {
      System.err.println("usage: java TrainTokenizer.java --size N --output DIR FILE...");
      System.err.println("N counts 256 bytes, the merges and " + END_OF_TEXT + ": 257 or more");
      System.exit(2);
    }
    TrainTokenizer trainer = new TrainTokenizer(wordCounts(files));
    trainer.mergeUntil(size - 1);
    Files.createDirectories(output);
    Files.writeString(output.resolve("tokenizer.json"), trainer.tokenizerJson());
    Files.writeString(output.resolve("tokenizer_config.json"), tokenizerConfig());
    System.out.printf(
        "%s: %d entries from %d different words%n",
        output.resolve("tokenizer.json"), trainer.pieces.size() + 1, trainer.words.size());
  }

  /** How often each word occurs; sorted, so that nothing depends on the order of the files. */
  private static Map<String, Long> wordCounts(List<Path> files) throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    for (Path file : files) {
      for (String text : Files.readString(file).split(Pattern.quote(END_OF_TEXT))) {
        Matcher words = WORD.matcher(text);
        while (words.find()) {
          counts.merge(words.group(), 1L, Long::sum);
        }
      }
    }
    return counts;
  }

  private void mergeUntil(int size) {
    Comparator<Map.Entry<Pair, Long>> order =
        Map.Entry.<Pair, Long>comparingByValue()
            .thenComparing(
                entry -> pieces.get(entry.getKey().left()), Comparator.<String>reverseOrder())
            .thenComparing(
                entry -> pieces.get(entry.getKey().right()), Comparator.<String>reverseOrder());
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < pieces.size(); id++) {
      ids.put(pieces.get(id), id);
    }
    while (pieces.size() < size) {
      Map.Entry<Pair, Long> best = counts.entrySet().stream().max(order).orElse(null);
      if (best == null || best.getValue() < 2) {
        throw new IllegalStateException(
            "no pair occurs twice any more after "
                + (pieces.size() + 1)
                + " entries, wanted "
                + (size + 1)
                + "; give more text or a smaller --size");
      }
      Pair pair = best.getKey();
      String piece = pieces.get(pair.left()) + pieces.get(pair.right());
      int id = ids.computeIfAbsent(piece, p -> pieces.size()); // two merges may make one piece
      merge(pair, id);
      merges.add(pair);
      if (id == pieces.size()) {
        pieces.add(piece);
      }
    }
  }

  private void merge(Pair pair, int merged) {
    for (Word word : new ArrayList<>(users.get(pair))) {
      count(word, -1);
      int[] ids = new int[word.ids.length];
      int size = 0;
      for (int i = 0; i < word.ids.length; i++) {
        boolean here =
            i + 1 < word.ids.length
                && word.ids[i] == pair.left()
                && word.ids[i + 1] == pair.right();
        ids[size++] = here ? merged : word.ids[i];
        i += here ? 1 : 0;
      }
      word.ids = Arrays.copyOf(ids, size);
      count(word, 1);
    }
  }

  /** Adds a word's pairs to the counts, or takes them away. */
  private void count(Word word, int sign) {
    for (int i = 0; i + 1 < word.ids.length; i++) {
      Pair pair = new Pair(word.ids[i], word.ids[i + 1]);
      long count = counts.merge(pair, sign * word.count, Long::sum);
      if (sign > 0) {
        users.computeIfAbsent(pair, p -> new HashSet<>()).add(word);
      } else if (count == 0) {
        counts.remove(pair);
        users.remove(pair);
      }
    }
  }

  /** The printable character that stands for a byte in GPT-2's vocabulary. */
  private static char character(int octet) {
    if (isPrintable(octet)) {
      return (char) octet;
    }
    int others = 0;
    for (int b = 0; b < octet; b++) {
      others += isPrintable(b) ? 0 : 1;
    }
    return (char) (256 + others);
  }

  private static boolean isPrintable(int octet) {
    return (octet > ' ' && octet < 0x7f) || (octet > 0xa0 && octet != 0xad);
  }

  private static int[] bytesInCharacterOrder() {
    return java.util.stream.IntStream.range(0, 256)
        .boxed()
        .sorted(Comparator.comparing(TrainTokenizer::character))
        .mapToInt(b -> b)
        .toArray();
  }

  private String tokenizerJson() {
    StringBuilder json = new StringBuilder();
    json.append(
        """
        {
          "version": "1.0",
          "truncation": null,
          "padding": null,
          "added_tokens": [
            {"id": %d, "content": %s, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
          ],
          "normalizer": null,
          "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
          "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
          "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
          "model": {
            "type": "BPE",
            "dropout": null,
            "unk_token": null,
            "continuing_subword_prefix": null,
            "end_of_word_suffix": null,
            "fuse_unk": false,
            "byte_fallback": false,
            "ignore_merges": false,
            "vocab": {
        """
            .formatted(pieces.size(), quoted(END_OF_TEXT)));
    for (int id = 0; id < pieces.size(); id++) {
      json.append("      %s: %d,%n".formatted(quoted(pieces.get(id)), id));
    }
    json.append("      %s: %d%n    },%n".formatted(quoted(END_OF_TEXT), pieces.size()));
    json.append("    \"merges\": [\n");
    for (int i = 0; i < merges.size(); i++) {
      String left = quoted(pieces.get(merges.get(i).left()));
      String right = quoted(pieces.get(merges.get(i).right()));
      String comma = i + 1 < merges.size() ? "," : "";
      json.append("      [%s, %s]%s%n".formatted(left, right, comma));
    }
    return json.append("    ]\n  }\n}\n").toString().replace("\r\n", "\n");
  }

  private static String tokenizerConfig() {
    return """
    {
      "add_prefix_space": false,
      "bos_token": "<|endoftext|>",
      "clean_up_tokenization_spaces": false,
      "eos_token": "<|endoftext|>",
      "pad_token": "<|endoftext|>",
      "tokenizer_class": "GPT2Tokenizer",
      "unk_token": "<|endoftext|>"
    }
    """;
  }

  private static String quoted(String text) { // pieces have no control characters
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
