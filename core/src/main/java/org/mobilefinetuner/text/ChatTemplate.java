package org.mobilefinetuner.text;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.text.ChatTemplateFiles.Source;
import org.mobilefinetuner.text.template.Template;
import org.mobilefinetuner.text.template.TemplateException;

/**
 * Turns a conversation into the text that a model was trained on, as the template in the model's
 * folder says.
 *
 * <p>The text has its special tokens in it, a {@code <bos>} too where the template prints one:
 * tokenize it without adding any. Immutable, and safe for use by several threads.
 */
public final class ChatTemplate {
  private final Program plain;
  private final Program withTools;
  private final Map<String, @Nullable Object> variables;
  private final Clock clock;

  /** A template that knows where it stands. */
  private record Program(String place, Template template) {
    static Program parse(Source source) throws FormatException {
      try {
        return new Program(source.place(), Template.parse(source.text()));
      } catch (TemplateException e) {
        throw complaint(source.place(), e);
      }
    }

    String render(Map<String, @Nullable Object> variables, Clock clock) throws FormatException {
      try {
        return template.render(variables, clock);
      } catch (TemplateException e) {
        throw complaint(place, e);
      }
    }

    private static FormatException complaint(String place, TemplateException e) {
      String line = e.line() == 0 ? "" : ", line " + e.line();
      return new FormatException(place + line + ": " + e.getMessage(), e);
    }
  }

  private ChatTemplate(
      Program plain, Program withTools, Map<String, @Nullable Object> variables, Clock clock) {
    this.plain = plain;
    this.withTools = withTools;
    this.variables = Collections.unmodifiableMap(variables);
    this.clock = clock;
  }

  /**
   * The template of a model folder: its chat_template.jinja, or else the {@code chat_template} of
   * its tokenizer_config.json or chat_template.json. Where the folder has several, a conversation
   * with tools takes the one named "tool_use", any other the one named "default".
   *
   * @param clock what a template that writes the date asks
   * @return null if the folder has none
   * @throws IOException if a file is damaged, or the template uses what is not supported here
   */
  public static @Nullable ChatTemplate load(Path modelFolder, Clock clock) throws IOException {
    var config = new FolderConfig(modelFolder);
    Map<String, Source> sources = new ChatTemplateFiles(modelFolder, config).sources();
    if (sources.isEmpty()) {
      return null;
    }
    Source source = sources.get("default");
    if (source == null) {
      throw new FormatException(
          modelFolder
              + ": expected a chat template named \"default\", found "
              + sources.keySet()
              + "; save the one to use as chat_template.jinja");
    }
    Program plain = Program.parse(source);
    Source toolSource = sources.get("tool_use");
    Program withTools = toolSource == null ? plain : Program.parse(toolSource);
    return new ChatTemplate(plain, withTools, new LinkedHashMap<>(config.tokens()), clock);
  }

  /**
   * The text of the template that a conversation without tools takes, whether it can be rendered
   * here or not; null if the folder has none.
   */
  public static @Nullable String text(Path modelFolder) throws IOException {
    var config = new FolderConfig(modelFolder);
    Source source = new ChatTemplateFiles(modelFolder, config).sources().get("default");
    return source == null ? null : source.text();
  }

  /**
   * A template that is no file.
   *
   * @param name what complaints call it
   * @param tokens the variables that it is given besides the conversation, {@code eos_token} for
   *     one
   * @throws FormatException if it uses what is not supported here
   */
  public static ChatTemplate of(
      String name, String template, Map<String, String> tokens, Clock clock)
      throws FormatException {
    Program program = Program.parse(new Source(name, template));
    return new ChatTemplate(program, program, new LinkedHashMap<>(tokens), clock);
  }

  /**
   * The same with another variable: {@code enable_thinking}, say, of a template that asks for it.
   */
  public ChatTemplate with(String name, @Nullable Object value) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(variables);
    more.put(name, value);
    return new ChatTemplate(plain, withTools, more, clock);
  }

  /**
   * The text of a conversation.
   *
   * @param tools descriptions of the tools that the assistant may call, as JSON objects; null for
   *     none
   * @param addGenerationPrompt whether to end with the beginning of an answer
   * @throws FormatException if the template refuses the conversation, or does with it what it
   *     cannot do
   */
  public String render(List<Message> messages, @Nullable List<?> tools, boolean addGenerationPrompt)
      throws FormatException {
    List<@Nullable Object> conversation = new ArrayList<>();
    for (Message each : messages) {
      conversation.add(each.fields());
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>(variables);
    all.put("messages", conversation);
    all.put("tools", tools);
    all.put("documents", null);
    all.put("add_generation_prompt", addGenerationPrompt);
    return (tools == null ? plain : withTools).render(all, clock);
  }
}
