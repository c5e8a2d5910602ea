package org.mobilefinetuner.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;

/**
 * The chat template of a folder as text: {@code chat_template.jinja}, or the one in {@code
 * tokenizer_config.json}, of several the one called default.
 */
final class ChatTemplateText {
  private static final String KEY = "chat_template";

  private ChatTemplateText() {}

  /** The template, or null if the folder has none. */
  static @Nullable String of(Path folder) throws IOException {
    Path own = folder.resolve("chat_template.jinja");
    if (Files.isRegularFile(own)) {
      return new String(Files.readAllBytes(own), StandardCharsets.UTF_8);
    }
    Path config = folder.resolve("tokenizer_config.json");
    if (!Files.isRegularFile(config)) {
      return null;
    }
    try (JsonParser parser = new JsonFactory().createParser(config.toFile())) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (!name.equals(KEY)) {
          parser.skipChildren();
        } else if (value == JsonToken.VALUE_STRING) {
          return parser.getText();
        } else if (value == JsonToken.START_ARRAY) {
          return byName(parser);
        }
      }
      return null;
    } catch (JsonProcessingException e) {
      throw new FormatException(config + ": not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The template called default in a list of {@code {"name": ..., "template": ...}}. */
  private static @Nullable String byName(JsonParser parser) throws IOException {
    @Nullable String found = null;
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      String name = "";
      @Nullable String template = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        parser.nextToken();
        if (key.equals("name")) {
          name = parser.getText();
        } else if (key.equals("template")) {
          template = parser.getText();
        } else {
          parser.skipChildren();
        }
      }
      found = name.equals("default") ? template : found;
    }
    return found;
  }
}
