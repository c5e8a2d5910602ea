package org.mobilefinetuner.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/**
 * What somebody says in a conversation.
 *
 * @param fields all that a chat template can ask for: {@code role}, {@code content}, which is a
 *     text or a list of parts, and whatever else the data has, {@code tool_calls} or {@code name}
 *     for some. Values are as in JSON.
 */
public record Message(Map<String, @Nullable Object> fields) {
  private static final String ROLE = "role";
  private static final String CONTENT = "content";

  /**
   * @throws IllegalArgumentException if there is no role
   */
  public Message(Map<String, @Nullable Object> fields) {
    if (!(fields.get(ROLE) instanceof String)) {
      throw new IllegalArgumentException(
          "a message needs a text as \"role\", it has " + fields.get(ROLE));
    }
    this.fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** A message of plain text. */
  public static Message of(String role, String content) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put(ROLE, role);
    fields.put(CONTENT, content);
    return new Message(fields);
  }

  /**
   * The message that a JSON object describes.
   *
   * @throws FormatException if it has no role
   */
  public static Message of(JsonObject object) throws FormatException {
    object.string(ROLE);
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (String key : object.keys()) {
      fields.put(key, object.get(key));
    }
    return new Message(fields);
  }

  /** Who says it: {@code system}, {@code user}, {@code assistant}, {@code tool}. */
  public String role() {
    return String.valueOf(fields.get(ROLE));
  }

  /** What is said, if it is plain text, otherwise null. */
  public @Nullable String text() {
    return fields.get(CONTENT) instanceof String text ? text : null;
  }
}
