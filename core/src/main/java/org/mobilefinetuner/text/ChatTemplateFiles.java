package org.mobilefinetuner.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/**
 * The places where a model folder may keep its chat templates.
 *
 * <p>Of transformers 5: chat_template.jinja, and others in additional_chat_templates. Before it:
 * the {@code chat_template} of tokenizer_config.json, one text or a list with names. Of models that
 * also take images: chat_template.json. The first place that has any wins.
 */
final class ChatTemplateFiles {
  /** A template and where it stands. */
  record Source(String place, String text) {}

  private static final String FIELD = "chat_template";
  private static final String TOOL_USE = "tool_use";
  private static final String DEFAULT = "default";

  private final Path folder;
  private final FolderConfig config;

  ChatTemplateFiles(Path folder, FolderConfig config) {
    this.folder = folder;
    this.config = config;
  }

  /** The templates by their names. */
  Map<String, Source> sources() throws IOException {
    Map<String, Source> sources = new LinkedHashMap<>();
    addFile(DEFAULT, folder.resolve("chat_template.jinja"), sources);
    addFile(
        TOOL_USE, folder.resolve("additional_chat_templates").resolve("tool_use.jinja"), sources);
    if (sources.isEmpty()) {
      addField(config.tokenizerConfig(), sources);
    }
    if (sources.isEmpty()) {
      addField(config.read("chat_template.json"), sources);
    }
    return sources;
  }

  private static void addFile(String name, Path file, Map<String, Source> to) throws IOException {
    if (Files.isRegularFile(file)) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        to.put(name, new Source(file.toString(), text));
      } catch (CharacterCodingException e) {
        throw new FormatException(file + ": expected UTF-8 text; is it a binary file?", e);
      }
    }
  }

  private static void addField(@Nullable JsonObject object, Map<String, Source> to)
      throws IOException {
    Object field = object == null ? null : object.get(FIELD);
    if (object == null || field == null) {
      return;
    }
    String place = object.source() + ": " + FIELD;
    if (field instanceof String text) {
      to.put(DEFAULT, new Source(place, text));
      return;
    }
    if (!(field instanceof List)) {
      throw object.wrong("needs a text or a list in \"" + FIELD + "\", found " + field);
    }
    for (JsonObject each : object.objects(FIELD)) {
      String name = each.string("name");
      to.put(name, new Source(place + " \"" + name + "\"", each.string("template")));
    }
  }
}
