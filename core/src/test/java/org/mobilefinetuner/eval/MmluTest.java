package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.text.Tokenizer;

class MmluTest {
  private static final int ALL = Integer.MAX_VALUE;

  @TempDir Path dir;
  private final Mmlu mmlu = new Mmlu(EvalFixture.file("eval/mmlu"));

  @Test
  void promptsAreThoseOfLmEval() throws IOException {
    Tokenizer tokenizer = EvalFixture.tokenizer();
    List<JsonObject> golden = EvalFixture.lines("eval/mmlu.jsonl");
    assertThat(golden).hasSize(40);
    for (JsonObject each : golden) {
      int shots = each.integer("shots");
      Mmlu.Asked asked =
          mmlu.questions(each.string("subject"), shots, ALL, tokenizer, ALL)
              .get(each.integer("number"));
      assertThat(asked.shots()).isEqualTo(shots);
      Question question = asked.question();
      assertThat(question.gold()).isEqualTo(each.integer("gold"));
      assertThat(question.options()).hasSize(4);
      for (int i = 0; i < 4; i++) {
        assertThat(question.options().get(i).context()).isEqualTo(each.string("prompt"));
        assertThat(question.options().get(i).continuation()).isEqualTo(" " + "ABCD".charAt(i));
      }
    }
  }

  @Test
  void subjectsAreFound() throws IOException {
    assertThat(mmlu.subjects()).containsExactly("made_up_things", "short");
    assertThatThrownBy(() -> new Mmlu(dir).subjects())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("test/*_test.csv");
  }

  @Test
  void examplesAreDroppedUntilThePromptFits() throws IOException {
    Tokenizer tokenizer = EvalFixture.tokenizer();
    String two =
        mmlu.questions("short", 2, 1, tokenizer, ALL).get(0).question().options().get(0).context();
    int fits = tokenizer.encode(two, true).length;
    assertThat(mmlu.questions("short", 3, 1, tokenizer, fits).get(0).shots()).isEqualTo(2);
    assertThat(mmlu.questions("short", 3, 1, tokenizer, fits - 1).get(0).shots()).isEqualTo(1);
    Mmlu.Asked none = mmlu.questions("short", 3, 1, tokenizer, 1).get(0);
    assertThat(none.shots()).isZero();
    assertThat(mmlu.questions("short", 0, 2, tokenizer, ALL)).hasSize(2);
  }

  @Test
  void damagedFilesAreNamed() throws IOException {
    Files.createDirectories(dir.resolve("test"));
    Files.createDirectories(dir.resolve("dev"));
    Path test = dir.resolve("test/x_test.csv");
    Files.writeString(test, "q,a,b,c,d,A\nq,a,b,c,d,E\n");
    Mmlu damaged = new Mmlu(dir);
    assertThatThrownBy(() -> damaged.questions("x", 0, ALL, EvalFixture.tokenizer(), ALL))
        .hasMessageContainingAll("x_test.csv, record 2", "the answer \"E\"");
    Files.writeString(test, "q,a,b,c,d\n");
    assertThatThrownBy(() -> damaged.questions("x", 0, ALL, EvalFixture.tokenizer(), ALL))
        .hasMessageContainingAll("record 1", "found 5 fields");
    Files.writeString(test, "q,a,b,c,d,A\n");
    Files.writeString(dir.resolve("dev/x_dev.csv"), "q,a,b,c,d,A\n");
    assertThatThrownBy(() -> damaged.questions("x", 2, ALL, EvalFixture.tokenizer(), ALL))
        .hasMessageContainingAll("at least 2 examples, found 1");
  }
}
