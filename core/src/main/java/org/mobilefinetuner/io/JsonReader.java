package org.mobilefinetuner.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON: small objects as a tree, large files as a stream of tokens. */
public final class JsonReader {
  /** Field names are not kept: a vocabulary is a quarter of a million of them. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private static final int MAX_DEPTH = 64;

  private JsonReader() {}

  /** Takes what it wants from a stream of tokens, whose first is the parser's current one. */
  @FunctionalInterface
  public interface Content<T> {
    T readFrom(JsonParser parser) throws IOException;
  }

  /** Opens a text once more, to quote from it. */
  @FunctionalInterface
  private interface Text {
    Reader open() throws IOException;
  }

  /**
   * Reads a file of UTF-8 text as a stream.
   *
   * @throws FormatException if it is not JSON as far as {@code content} reads it
   */
  public static <T> T read(Path file, Content<T> content) throws IOException {
    return read(file.toString(), () -> TextFile.open(file), false, content);
  }

  static <T> T read(String source, String text, Content<T> content) throws IOException {
    return read(source, () -> new StringReader(text), text.indexOf('\n') < 0, content);
  }

  private static <T> T read(String source, Text text, boolean oneLine, Content<T> content)
      throws IOException {
    try (JsonParser parser = FACTORY.createParser(text.open())) {
      parser.nextToken();
      return content.readFrom(parser);
    } catch (JsonProcessingException e) {
      throw JsonMistake.in(source, text.open(), oneLine, e);
    }
  }

  /** The one object that a text is. */
  static JsonObject whole(String source, JsonParser parser) throws IOException {
    JsonObject object = object(source, "", parser);
    if (parser.nextToken() != null) {
      throw new FormatException(
          source + ": expected one JSON object, found more behind it; are there two?");
    }
    return object;
  }

  /**
   * The object that begins at the parser's current token.
   *
   * @param source what complaints name, the file
   * @param path where in the source the object stands, such as {@code added_tokens[3]}
   */
  public static JsonObject object(String source, String path, JsonParser parser)
      throws IOException {
    JsonToken token = parser.currentToken();
    if (token != JsonToken.START_OBJECT) {
      throw new FormatException(
          source
              + ": expected a JSON object"
              + (path.isEmpty() ? "" : " as \"" + path + "\"")
              + ", found "
              + (token == null ? "nothing; is the file empty?" : parser.getText()));
    }
    return object(source, path, parser, 0);
  }

  private static JsonObject object(String source, String path, JsonParser parser, int depth)
      throws IOException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      String place = parser.nextToken().isStructStart() ? JsonObject.join(path, key) : path;
      values.put(key, value(source, place, parser, depth + 1));
    }
    return new JsonObject(source, path, values);
  }

  @SuppressWarnings("NullAway") // JSON null is a value of the tree
  private static Object value(String source, String path, JsonParser parser, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new FormatException(
          source + ": expected JSON of at most " + MAX_DEPTH + " levels, found a deeper one");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(source, path, parser, depth);
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          boolean placed = parser.currentToken().isStructStart();
          String place = placed ? path + "[" + list.size() + "]" : path;
          list.add(value(source, place, parser, depth + 1));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> wholeNumber(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IllegalStateException("no value: " + parser.currentToken());
    };
  }

  /** A Long, or a BigInteger: model_max_length is 10³⁰ in many a folder. */
  private static Number wholeNumber(JsonParser parser) throws IOException {
    Number number = parser.getNumberValue();
    return number instanceof Integer ? (Number) number.longValue() : number;
  }
}
