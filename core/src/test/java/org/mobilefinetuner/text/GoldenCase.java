package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;

/**
 * A text and what the reference makes of it.
 *
 * @param offsets start and end of each token in code points, or null where they are not compared
 * @param special the ids with special tokens around them
 * @param decoded the text of the ids
 * @param skipped the same without special tokens
 */
record GoldenCase(
    String text,
    List<Long> ids,
    @Nullable List<Long> offsets,
    List<Long> special,
    String decoded,
    String skipped) {

  /** The cases of a file with one JSON object a line. */
  static List<GoldenCase> readLines(Path file) throws IOException {
    List<GoldenCase> cases = new ArrayList<>();
    for (JsonObject line : jsonLines(file)) {
      cases.add(of(line));
    }
    return cases;
  }

  /** The objects of a file with one a line. */
  static List<JsonObject> jsonLines(Path file) throws IOException {
    List<JsonObject> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JsonObject.parse(file + ":" + (lines.size() + 1), line));
    }
    return lines;
  }

  static GoldenCase of(JsonObject line) throws IOException {
    String text = line.string("text");
    List<Long> ids = longs(line, "ids");
    String decoded = line.has("decoded") ? line.string("decoded") : text;
    return new GoldenCase(
        text,
        ids,
        line.has("offsets") ? longs(line, "offsets") : null,
        line.has("special") ? longs(line, "special") : ids,
        decoded,
        line.has("skipped") ? line.string("skipped") : decoded);
  }

  static List<Long> longs(JsonObject line, String name) throws IOException {
    List<Long> longs = new ArrayList<>();
    for (Object each : line.list(name)) {
      longs.add((Long) each);
    }
    return longs;
  }

  /** Compares all that the tokenizer makes of the text and its ids. */
  void check(Tokenizer tokenizer) {
    int[] encoded = tokenizer.encode(text);
    assertThat(encoded).as("ids of %s", text).containsExactly(ints(ids));
    assertThat(tokenizer.encode(text, true)).as("special").containsExactly(ints(special));
    Encoding encoding = tokenizer.encodeWithOffsets(text, false);
    assertThat(encoding.ids()).as("ids with offsets of %s", text).containsExactly(encoded);
    if (offsets != null) {
      List<Long> found = new ArrayList<>();
      for (int i = 0; i < encoding.size(); i++) {
        found.add((long) text.codePointCount(0, encoding.start(i)));
        found.add((long) text.codePointCount(0, encoding.end(i)));
      }
      assertThat(found).as("offsets of %s", text).isEqualTo(offsets);
    }
    assertThat(tokenizer.decode(encoded)).as("decoded").isEqualTo(decoded);
    assertThat(tokenizer.decode(encoded, true)).as("skipping special").isEqualTo(skipped);
    assertThat(streamed(tokenizer, encoded)).as("streamed").isEqualTo(decoded);
  }

  /** The text that a streaming decoder gives; fails if a part ends inside a character. */
  static String streamed(Tokenizer tokenizer, int[] ids) {
    StreamingDecoder decoder = tokenizer.streamingDecoder(false);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      String part = decoder.push(id);
      boolean whole = part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1));
      assertThat(whole).as("%s ends with a whole character", part).isTrue();
      text.append(part);
    }
    return text.append(decoder.flush()).toString();
  }

  static int[] ints(List<Long> list) {
    return list.stream().mapToInt(Long::intValue).toArray();
  }

  /** A file or folder of the test resources. */
  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(GoldenCase.class.getResource("/text/" + name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a tokenizer.json into a folder and loads it. */
  static Tokenizer load(Path folder, String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    return Tokenizer.load(folder);
  }
}
