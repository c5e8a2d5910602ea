package org.mobilefinetuner.export;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.io.GgmlType;

/** Names, orders and templates that other programs demand. */
class GgufFormTest {
  @ParameterizedTest
  @CsvSource({
    "Qwen2.5-0.5B, 494000000, MyNotes, true, Qwen2.5-0.5B-MyNotes-v1.0-F16-LoRA.gguf",
    "gpt2, 124439808, my run, false, gpt2-124M-my-run-v1.0-F16.gguf",
    "tiny, 28192, , false, tiny-28K-v1.0-F16.gguf",
    "gemma-3-270m-it, 268000000, , false, gemma-3-270m-it-v1.0-F16.gguf",
    "big, 1543000000, , false, big-1.5B-v1.0-F16.gguf"
  })
  void fileNames(String base, long parameters, String fineTune, boolean lora, String wanted) {
    assertThat(GgufFileName.of(base, parameters, fineTune, GgmlType.F16, lora)).isEqualTo(wanted);
  }

  /** Feature j of a head turns with j + 4 here, 2j with 2j + 1 there. */
  @Test
  void rowsOfLlama() {
    int[] order = new int[16];
    for (int i = 0; i < 16; i++) {
      order[i] = RowOrder.source(i, 8, false);
      assertThat(RowOrder.source(order[i], 8, true)).isEqualTo(i);
    }
    assertThat(order).startsWith(0, 4, 1, 5, 2, 6, 3, 7, 8, 12).endsWith(11, 15);
  }

  @Test
  void templatesThatAreKnown() {
    String qwen = "{{- '<|im_start|>system\\nYou are Qwen.<|im_end|>\\n' }}";
    assertThat(Modelfile.of("./m.gguf", "./a.gguf", qwen))
        .startsWith("FROM ./m.gguf\nADAPTER ./a.gguf\nTEMPLATE \"\"\"{{ range .Messages }}<|im_st")
        .contains("SYSTEM \"\"\"You are Qwen.\"\"\"", "PARAMETER stop \"<|im_end|>\"");
    assertThat(Modelfile.of("m", null, "<start_of_turn>")).contains("<start_of_turn>model\n\"\"\"");
    assertThat(Modelfile.of("m", null, "<|start_header_id|>")).contains("<|eot_id|>{{ end }}");
    assertThat(Modelfile.knows(qwen)).isTrue();
  }

  @Test
  void templatesThatAreNot() {
    for (String template : new String[] {"[INST]", "<|start_header_id|> Cutting Knowledge Date"}) {
      assertThat(Modelfile.knows(template)).isFalse();
      assertThat(Modelfile.of("m", null, template)).contains("# The model's chat template is none");
    }
    assertThat(Modelfile.knows(null)).isFalse();
    assertThat(Modelfile.of("m", null, null)).contains("no chat template");
  }
}
