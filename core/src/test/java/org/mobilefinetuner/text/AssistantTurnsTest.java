package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.text.AssistantTurns.Boundary;
import org.mobilefinetuner.text.AssistantTurns.Turn;

/** Which characters the assistant says. */
class AssistantTurnsTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  private static final String CHATML =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}"
          + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

  private static final List<Message> TALK =
      List.of(
          Message.of("system", "Be brief."),
          Message.of("user", "One?"),
          Message.of("assistant", "One."),
          Message.of("user", "Two?"),
          Message.of("assistant", "Two."));

  private static ChatTemplate template(String text) throws IOException {
    return ChatTemplate.of("test", text, Map.of("bos_token", "<bos>", "eos_token", "</s>"), CLOCK);
  }

  private static List<String> said(String template, List<Message> messages, Boundary boundary)
      throws IOException {
    AssistantTurns found = AssistantTurns.of(template(template), messages, null, boundary);
    List<String> said = new ArrayList<>();
    for (Turn each : found.turns()) {
      said.add(found.text().substring(each.start(), each.end()));
    }
    return said;
  }

  /**
   * The turns are those that a template for training marks with generation blocks, up to a final
   * line break; turns.jsonl is written by tools/golden/chat-templates/generate.py.
   */
  @Test
  void theTurnsAreThoseThatTransformersMarks() throws IOException {
    Path file = GoldenCase.resource("template/turns.jsonl");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(25);
    for (String line : lines) {
      JsonObject golden = JsonObject.parse("turns.jsonl", line);
      List<Message> messages = new ArrayList<>();
      for (Object each : golden.list("messages")) {
        messages.add(Message.of((JsonObject) each));
      }
      Map<String, String> tokens = new LinkedHashMap<>();
      for (String key : golden.object("tokens").keys()) {
        tokens.put(key, golden.object("tokens").string(key));
      }
      ChatTemplate template =
          ChatTemplate.of(golden.string("name"), golden.string("template"), tokens, CLOCK);
      AssistantTurns trl = AssistantTurns.of(template, messages, null, Boundary.TRL);
      assertThat(trl.text()).isEqualTo(golden.string("text"));
      List<Object> spans = new ArrayList<>();
      for (Turn each : trl.turns()) {
        assertThat(messages.get(each.message()).role()).isEqualTo("assistant");
        spans.add(List.of((long) each.start(), (long) each.end()));
      }
      assertThat(spans).as("%s", trl.text()).isEqualTo(golden.list("spans"));

      AssistantTurns content = AssistantTurns.of(template, messages, null, Boundary.CONTENT);
      for (int i = 0; i < spans.size(); i++) {
        Turn longer = trl.turns().get(i);
        Turn shorter = content.turns().get(i);
        assertThat(shorter.start()).isEqualTo(longer.start());
        assertThat(trl.text().substring(shorter.start(), shorter.end()))
            .isEqualTo(trl.text().substring(longer.start(), longer.end()).stripTrailing())
            .endsWith(">");
      }
    }
  }

  @Test
  void theFinalLineBreakBelongsToTrlOnly() throws IOException {
    assertThat(said(CHATML, TALK, Boundary.CONTENT))
        .containsExactly("One.<|im_end|>", "Two.<|im_end|>");
    assertThat(said(CHATML, TALK, Boundary.TRL))
        .containsExactly("One.<|im_end|>\n", "Two.<|im_end|>\n");
  }

  @Test
  void noAssistantNoTurns() throws IOException {
    assertThat(said(CHATML, TALK.subList(0, 2), Boundary.CONTENT)).isEmpty();
  }

  @Test
  void aTemplateThatDropsEarlierReasoningIsRefused() {
    String template =
        CHATML.replace(
            "m.content +", "(m.content if loop.last or m.role != 'assistant' else '.') +");
    assertThatThrownBy(() -> said(template, TALK, Boundary.CONTENT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("messages[2]")
        .hasMessageContaining("an answer that others follow in two ways")
        .hasMessageContaining("first \"One.<|im_end|>\\n\", then \".<|im_end|>\\n<|im_start|>user");
  }

  @Test
  void aPromptThatIsNotTheHeaderIsRefused() {
    String template = CHATML.replace("assistant\\n", "assistant\\n<think>\\n");
    assertThatThrownBy(() -> said(template, TALK, Boundary.CONTENT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("the header of an answer in two ways")
        .hasMessageContaining("first \"<think>\\n\", then \"One.");
  }

  /** Otherwise the header would be taught as something that the assistant says. */
  @Test
  void aTemplateWithoutGenerationPromptIsRefusedWhereItHasAHeader() throws IOException {
    String template = CHATML.replace("{% if add_generation_prompt %}", "{% if false %}");
    assertThatThrownBy(() -> said(template, TALK, Boundary.CONTENT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("messages[2]")
        .hasMessageContaining("begins with \"<|im_start|>assistant\\nOne.");
    String inst =
        "{% for m in messages %}{{ ' ' + m.content + eos_token if m.role == 'assistant' else "
            + "'[INST]' + m.content + '[/INST]' }}{% endfor %}";
    assertThat(said(inst, TALK, Boundary.CONTENT)).containsExactly(" One.</s>", " Two.</s>");
  }

  @Test
  void toolsAndCallsArePartOfTheText() throws IOException {
    String template =
        "{{ tools | tojson }}"
            + CHATML.replace("m.content +", "(m.content or m.tool_calls | tojson) +");
    Map<String, @Nullable Object> call = new LinkedHashMap<>();
    call.put("role", "assistant");
    call.put("content", null);
    call.put("tool_calls", List.of(Map.of("name", "f")));
    List<Message> messages =
        List.of(
            Message.of("user", "Use f."),
            new Message(call),
            Message.of("tool", "1"),
            Message.of("assistant", "It is 1."));
    AssistantTurns found =
        AssistantTurns.of(
            template(template), messages, List.of(Map.of("name", "f")), Boundary.CONTENT);
    assertThat(found.text()).startsWith("[{\"name\": \"f\"}]<|im_start|>user");
    assertThat(found.turns()).extracting(Turn::message).containsExactly(1, 3);
    Turn first = found.turns().get(0);
    assertThat(found.text().substring(first.start(), first.end()))
        .isEqualTo("[{\"name\": \"f\"}]<|im_end|>");
  }
}
