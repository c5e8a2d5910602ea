package org.mobilefinetuner.io;

import java.io.IOException;
import java.math.BigInteger;
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
 * <p>Values are {@code String}, {@code Long} ({@code BigInteger} where that is too small), {@code
 * Double}, {@code Boolean}, {@code null}, {@code List} and {@code JsonObject}. An object knows
 * where in which file it stands: the typed getters fail with the name of the source, the path of
 * the key, and what was wanted and found.
 */
public final class JsonObject {
  private final String source;
  private final String path;
  private final Map<String, @Nullable Object> values;

  /**
   * @param path where in the source it stands; empty for the whole
   */
  JsonObject(String source, String path, Map<String, @Nullable Object> values) {
    this.source = source;
    this.path = path;
    this.values = values;
  }

  /** An empty object to be written. */
  public static JsonObject empty() {
    return new JsonObject("JSON", "", new LinkedHashMap<>());
  }

  /** An empty object to be filled from elsewhere; {@code source} names it in messages. */
  public static JsonObject named(String source) {
    return new JsonObject(source, "", new LinkedHashMap<>());
  }

  /** The object in a file of UTF-8 text. */
  public static JsonObject read(Path file) throws IOException {
    return JsonReader.read(file, parser -> JsonReader.whole(file.toString(), parser));
  }

  /** The object in a text; {@code source} names it in messages. */
  public static JsonObject parse(String source, String text) throws IOException {
    return JsonReader.read(source, text, parser -> JsonReader.whole(source, parser));
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** What messages call the file or text that this object was read from. */
  public String source() {
    return source;
  }

  public Set<String> keys() {
    return values.keySet();
  }

  Set<Map.Entry<String, @Nullable Object>> entries() {
    return values.entrySet();
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
    boolean large = values.get(key) instanceof Long || values.get(key) instanceof BigInteger;
    throw wrong(key, large ? "a whole number of 32 bits" : "a whole number");
  }

  public int integer(String key, int otherwise) throws FormatException {
    return has(key) ? integer(key) : otherwise;
  }

  /** A whole number from 1 to {@code most}: how many there are of something. */
  public int size(String key, int most) throws FormatException {
    if (values.get(key) instanceof Long n && n >= 1 && n <= most) {
      return n.intValue();
    }
    throw wrong(key, "a whole number from 1 to " + most);
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

  public @Nullable String stringOrNull(String key) throws FormatException {
    return has(key) ? string(key) : null;
  }

  /** A string of one character. */
  public char character(String key, char otherwise) throws FormatException {
    String string = string(key, String.valueOf(otherwise));
    if (string.length() != 1) {
      throw wrong(key, "one character");
    }
    return string.charAt(0);
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

  /** A list of objects; empty if it is absent or null. */
  public List<JsonObject> objects(String key) throws FormatException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object each : has(key) ? list(key) : List.of()) {
      if (!(each instanceof JsonObject object)) {
        throw wrong(key, "a list of objects");
      }
      objects.add(object);
    }
    return objects;
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

  /** The complaint that something else was wanted as {@code key} than what was found. */
  public FormatException wrong(String key, String wanted) {
    Object found = values.get(key);
    String what =
        found == null ? "nothing" : found instanceof String ? "\"" + found + "\"" : "" + found;
    return new FormatException(
        source
            + ": expected "
            + wanted
            + " as \""
            + join(path, key)
            + "\", found "
            + (what.length() > 60 ? what.substring(0, 60) + "..." : what));
  }

  /** A complaint about the object, which is the sentence's subject. */
  public FormatException wrong(String complaint) {
    return new FormatException(source + ": " + path + (path.isEmpty() ? "" : " ") + complaint);
  }

  /** The object as indented text with a final line break. */
  public String pretty() {
    return JsonWriter.write(this, true) + "\n";
  }

  /** The object on one line. */
  @Override
  public String toString() {
    return JsonWriter.write(this, false);
  }
}
