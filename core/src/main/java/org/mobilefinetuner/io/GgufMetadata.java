package org.mobilefinetuner.io;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values at the head of a GGUF file, in order.
 *
 * <p>A value is an {@code Integer} (u32 when written), {@code Long}, {@code Float}, {@code Double},
 * {@code Boolean}, {@code String}, or an array: {@code int[]}, {@code long[]}, {@code float[]},
 * {@code double[]}, {@code boolean[]} or {@code String[]}. Small integer types are read as {@code
 * Integer}.
 */
public final class GgufMetadata {
  private final Map<String, Object> values = new LinkedHashMap<>();

  public GgufMetadata integer(String key, int value) {
    return put(key, value);
  }

  public GgufMetadata number(String key, float value) {
    return put(key, value);
  }

  public GgufMetadata bool(String key, boolean value) {
    return put(key, value);
  }

  public GgufMetadata string(String key, String value) {
    return put(key, value);
  }

  public GgufMetadata strings(String key, List<String> value) {
    return put(key, value.toArray(new String[0]));
  }

  public GgufMetadata integers(String key, int[] value) {
    return put(key, value.clone());
  }

  public GgufMetadata numbers(String key, float[] value) {
    return put(key, value.clone());
  }

  GgufMetadata put(String key, Object value) {
    values.put(key, value);
    return this;
  }

  public Set<String> keys() {
    return values.keySet();
  }

  public @Nullable Object get(String key) {
    return values.get(key);
  }

  /**
   * @throws FormatException if there is no such text
   */
  public String string(String key) throws FormatException {
    if (values.get(key) instanceof String text) {
      return text;
    }
    throw wrong(key, "a text");
  }

  /**
   * @throws FormatException if there is no such number
   */
  public double number(String key) throws FormatException {
    if (values.get(key) instanceof Number number) {
      return number.doubleValue();
    }
    throw wrong(key, "a number");
  }

  private FormatException wrong(String key, String wanted) {
    Object found = values.get(key);
    return new FormatException(
        "GGUF metadata: expected "
            + wanted
            + " as "
            + key
            + ", found "
            + (found == null ? "nothing" : found.getClass().getSimpleName())
            + "; is it a file of another kind?");
  }
}
