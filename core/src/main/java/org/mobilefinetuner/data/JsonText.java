package org.mobilefinetuner.data;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/** JSON that is the text of a JSON string. */
final class JsonText {
  private JsonText() {}

  /**
   * The value that the text is.
   *
   * @param key under which the text stands in {@code object}
   */
  static @Nullable Object parse(JsonObject object, String key, String text) throws FormatException {
    try {
      return JsonObject.parse(object.source(), "{\"" + key + "\": " + text + "}").get(key);
    } catch (IOException e) {
      throw new FormatException(
          object.wrong(key, "JSON in the text").getMessage() + "; correct it", e);
    }
  }
}
