package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/** Where a template is found, and what it is given. */
class ChatTemplateTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
  private static final List<Message> HELLO = List.of(Message.of("user", "hello"));

  @TempDir Path folder;

  private String render() throws IOException {
    return load().render(HELLO, null, true);
  }

  private ChatTemplate load() throws IOException {
    return Objects.requireNonNull(ChatTemplate.load(folder, CLOCK));
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void aFolderMayHaveNone() throws IOException {
    assertThat(ChatTemplate.load(folder, CLOCK)).isNull();
    write("tokenizer_config.json", "{\"chat_template\": null}");
    assertThat(ChatTemplate.load(folder, CLOCK)).isNull();
  }

  /** From the weakest place to the strongest. */
  @Test
  void allPlacesAreRead() throws IOException {
    write("chat_template.json", "{\"chat_template\": \"processor {{ messages[0].content }}\"}");
    assertThat(render()).isEqualTo("processor hello");
    write("tokenizer_config.json", "{\"chat_template\": \"config {{ messages[0].content }}\"}");
    assertThat(render()).isEqualTo("config hello");
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"tools\"},"
            + " {\"name\": \"default\", \"template\": \"default\"}]}");
    assertThat(render()).isEqualTo("default");
    assertThat(load().render(HELLO, List.of(), false)).isEqualTo("tools");
    write("chat_template.jinja", "file {{ messages[0].content }}\n");
    assertThat(render()).isEqualTo("file hello");
    assertThat(load().render(HELLO, List.of(), false)).isEqualTo("file hello");
    write("additional_chat_templates/tool_use.jinja", "file with tools");
    assertThat(load().render(HELLO, List.of(), false)).isEqualTo("file with tools");
  }

  @Test
  void tokensOfTheFolderAreVariables() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"bos_token\": {\"content\": \"<bos>\"}, \"eos_token\": \"<eos>\", \"pad_token\": null}");
    write("special_tokens_map.json", "{\"unk_token\": \"<unk>\"}");
    write("chat_template.jinja", "{{ bos_token ~ eos_token ~ unk_token }}{{ pad_token }}");
    assertThat(render()).isEqualTo("<bos><eos><unk>");
  }

  @Test
  void whatTransformersGives() throws IOException {
    write(
        "chat_template.jinja",
        "{{ tools }} {{ documents }} {{ add_generation_prompt }} {{ messages }} {{ thinking }}");
    assertThat(load().with("thinking", false).render(HELLO, null, false))
        .isEqualTo("None None False [{'role': 'user', 'content': 'hello'}] False");
    assertThat(load().render(HELLO, List.of(Map.of("a", 1)), true))
        .isEqualTo("[{'a': 1}] None True [{'role': 'user', 'content': 'hello'}] ");
  }

  @Test
  void messagesKeepWhatTheDataHas() throws IOException {
    write("chat_template.jinja", "{{ messages[0] | tojson }}{{ 'content' in messages[0] }}");
    String json =
        "{\"role\": \"assistant\", \"tool_calls\": [{\"arguments\": {\"n\": 1.5, \"x\": null}}]}";
    Message message = Message.of(JsonObject.parse("line 1", json));
    assertThat(load().render(List.of(message), null, false)).isEqualTo(json + "False");
    assertThat(message.role()).isEqualTo("assistant");
    assertThat(message.text()).isNull();
    assertThatThrownBy(() -> Message.of(JsonObject.parse("line 2", "{\"content\": \"x\"}")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("role");
  }

  @Test
  void complaintsNameFileAndLine() throws IOException {
    write("chat_template.jinja", "a\n{{ messages[0].content | markdown }}");
    assertThatThrownBy(this::load)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("chat_template.jinja, line 2: the filter 'markdown'");
    write("chat_template.jinja", "a\n{{ raise_exception('Roles take turns') }}");
    assertThatThrownBy(this::render)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("chat_template.jinja, line 2: the template refuses")
        .hasMessageEndingWith("Roles take turns");
    Files.delete(folder.resolve("chat_template.jinja"));
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"{% nope %}\"}]}");
    assertThatThrownBy(this::load)
        .hasMessageContaining("tokenizer_config.json: chat_template \"default\", line 1: {% nope");
    write(
        "tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"\"}]}");
    assertThatThrownBy(this::load).hasMessageContaining("named \"default\", found [rag]");
    write("tokenizer_config.json", "{\"chat_template\": 3}");
    assertThatThrownBy(this::load).hasMessageContaining("a text or a list");
    Files.write(folder.resolve("chat_template.jinja"), new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(this::load).hasMessageContaining("UTF-8");
  }
}
