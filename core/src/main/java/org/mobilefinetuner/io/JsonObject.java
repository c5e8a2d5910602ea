package org.mobilefinetuner.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object in memory, in the order of the file: for configurations and data lines, not for
 * large files.
 *
 * <p>Values are {@code String}, {@code Long}, {@code Double}, {@code Boolean}, {@code null}, {@code
 * List} and {@code JsonObject}. The typed getters fail with the name of the source, the key, and
 * what was wanted and found.
 */
public final class JsonObject {
  private static final int MAX_DEPTH = 64;
  private static final JsonFactory FACTORY = new JsonFactory();

  private final String source;
  private final Map<String, @Nullable Object> values;

  private JsonObject(String source, Map<String, @Nullable Object> values) {
    this.source = source;
    this.values = values;
  }

  /** An empty object to be written. */
  public static JsonObject empty() {
    return new JsonObject("JSON", new LinkedHashMap<>());
  }

  /** An empty object to be filled from elsewhere; {@code source} names it in messages. */
  public static JsonObject named(String source) {
    return new JsonObject(source, new LinkedHashMap<>());
  }

  /** The object in a file of UTF-8 text. */
  public static JsonObject read(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return parse(file.getFileName().toString(), reader);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new FormatException(file + ": expected UTF-8 text; is it a binary file?", e);
    }
  }

  /** The object in a text; {@code source} names it in messages. */
  public static JsonObject parse(String source, String text) throws IOException {
    return parse(source, new StringReader(text));
  }

  private static JsonObject parse(String source, Reader reader) throws IOException {
    try (JsonParser parser = FACTORY.createParser(reader)) {
      JsonToken token = parser.nextToken();
      if (token != JsonToken.START_OBJECT) {
        throw new FormatException(
            source + ": expected a JSON object, found " + (token == null ? "nothing" : token));
      }
      JsonObject object = (JsonObject) value(source, parser, 0);
      if (parser.nextToken() != null) {
        throw new FormatException(source + ": expected the end after the JSON object");
      }
      return object;
    } catch (JsonProcessingException e) {
      throw new FormatException(source + ": not valid JSON: " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("NullAway") // JSON null is a value of the tree
  private static Object value(String source, JsonParser parser, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new FormatException(source + ": nested deeper than " + MAX_DEPTH + " levels");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          map.put(key, value(source, parser, depth + 1));
        }
        yield new JsonObject(source, map);
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(source, parser, depth + 1));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> integer(source, parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new FormatException(source + ": the JSON text ends too early");
    };
  }

  private static Object integer(String source, JsonParser parser) throws IOException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw new FormatException(source + ": the number " + parser.getText() + " is too large");
    }
    return parser.getLongValue();
  }

  public Set<String> keys() {
    return values.keySet();
  }

  /** Whether the key is there with a value other than null. */
  public boolean has(String key) {
    return values.get(key) != null;
  }

  public @Nullable Object get(String key) {
    return values.get(key);
  }

  public JsonObject put(String key, @Nullable Object value) {
    values.put(key, value);
    return this;
  }

  public int integer(String key) throws FormatException {
    if (values.get(key) instanceof Long n && n >= Integer.MIN_VALUE && n <= Integer.MAX_VALUE) {
      return n.intValue();
    }
    throw wrong(key, "a whole number");
  }

  public int integer(String key, int otherwise) throws FormatException {
    return has(key) ? integer(key) : otherwise;
  }

  public double number(String key) throws FormatException {
    if (values.get(key) instanceof Number n) {
      return n.doubleValue();
    }
    throw wrong(key, "a number");
  }

  public double number(String key, double otherwise) throws FormatException {
    return has(key) ? number(key) : otherwise;
  }

  public String string(String key) throws FormatException {
    if (values.get(key) instanceof String s) {
      return s;
    }
    throw wrong(key, "a string");
  }

  public String string(String key, String otherwise) throws FormatException {
    return has(key) ? string(key) : otherwise;
  }

  public boolean bool(String key, boolean otherwise) throws FormatException {
    if (!has(key)) {
      return otherwise;
    }
    if (values.get(key) instanceof Boolean b) {
      return b;
    }
    throw wrong(key, "true or false");
  }

  public JsonObject object(String key) throws FormatException {
    if (values.get(key) instanceof JsonObject o) {
      return o;
    }
    throw wrong(key, "an object");
  }

  public List<?> list(String key) throws FormatException {
    if (values.get(key) instanceof List<?> l) {
      return l;
    }
    throw wrong(key, "a list");
  }

  /** A list of whole numbers. */
  public int[] integers(String key) throws FormatException {
    List<?> list = list(key);
    int[] numbers = new int[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(list.get(i) instanceof Long n) || n != n.intValue()) {
        throw wrong(key, "a list of whole numbers");
      }
      numbers[i] = n.intValue();
    }
    return numbers;
  }

  private FormatException wrong(String key, String wanted) {
    Object found = values.get(key);
    String what = found == null ? "nothing" : text(found);
    return new FormatException(
        source
            + ": expected "
            + wanted
            + " as \""
            + key
            + "\", found "
            + (what.length() > 60 ? what.substring(0, 60) + "..." : what));
  }

  /** The object as indented text with a final line break. */
  public String pretty() {
    return write(true) + "\n";
  }

  /** The object on one line. */
  @Override
  public String toString() {
    return write(false);
  }

  private String write(boolean pretty) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      if (pretty) {
        generator.setPrettyPrinter(new DefaultPrettyPrinter());
      }
      write(generator, this);
    } catch (IOException e) {
      throw new IllegalStateException(e); // a StringWriter does not fail
    }
    return text.toString();
  }

  private static String text(Object value) {
    return value instanceof JsonObject o ? o.toString() : String.valueOf(value);
  }

  private static void write(JsonGenerator to, @Nullable Object value) throws IOException {
    if (value instanceof JsonObject object) {
      to.writeStartObject();
      for (Map.Entry<String, @Nullable Object> entry : object.values.entrySet()) {
        to.writeFieldName(entry.getKey());
        write(to, entry.getValue());
      }
      to.writeEndObject();
    } else if (value instanceof Iterable<?> list) {
      to.writeStartArray();
      for (Object element : list) {
        write(to, element);
      }
      to.writeEndArray();
    } else if (value instanceof int[] numbers) {
      to.writeArray(numbers, 0, numbers.length);
    } else if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (Double.isNaN(number) || Double.isInfinite(number)) {
        to.writeNull();
      } else if (value instanceof Float f) {
        to.writeNumber(f);
      } else {
        to.writeNumber(number);
      }
    } else if (value instanceof Number n) {
      to.writeNumber(n.longValue());
    } else if (value instanceof Boolean b) {
      to.writeBoolean(b);
    } else if (value == null) {
      to.writeNull();
    } else {
      to.writeString(value.toString());
    }
  }
}
