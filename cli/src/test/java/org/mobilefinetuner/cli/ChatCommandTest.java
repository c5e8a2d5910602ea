package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

class ChatCommandTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}\n{% endfor %}"
          + "{% if add_generation_prompt %}a:{% endif %}";

  @TempDir Path dir;
  private Path model = Path.of("");

  @BeforeEach
  void make() throws IOException {
    model = TinyModel.make(dir, true);
  }

  private Mft.Run chat(String input, Object... options) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      Object[] args = new Object[4 + options.length];
      System.arraycopy(
          new Object[] {"chat", "--model", model, "--max-new-tokens=3"}, 0, args, 0, 4);
      System.arraycopy(options, 0, args, 4, options.length);
      return Mft.run(args);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void everyLineGetsAnAnswerThatKnowsTheOnesBefore() throws IOException {
    Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    Mft.Run run = chat("a\n\nb\n/reset\na\n/exit\nnever\n", "--json", "--greedy");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(3);
    JsonObject first = JsonObject.parse("first", lines.get(0));
    JsonObject second = JsonObject.parse("second", lines.get(1));
    JsonObject again = JsonObject.parse("again", lines.get(2));
    assertThat(first.integer("prompt_tokens")).isEqualTo("u:a\na:".length());
    assertThat(second.integer("prompt_tokens")).isGreaterThan(2 * first.integer("prompt_tokens"));
    assertThat(again.string("text")).isEqualTo(first.string("text"));
  }

  @Test
  void theSystemIsTheFirstMessage() throws IOException {
    Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    Mft.Run run = chat("a\n", "--system", "be", "--json", "--greedy");
    assertThat(JsonObject.parse("out", run.out()).integer("prompt_tokens"))
        .isEqualTo("s:be\nu:a\na:".length());
  }

  @Test
  void withoutATemplateThereIsNoConversation() {
    Mft.Run run = chat("a\n");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("expected a chat template", "found none in " + model, "mft generate");
  }
}
