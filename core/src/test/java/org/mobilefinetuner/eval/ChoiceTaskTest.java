package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

class ChoiceTaskTest {
  @TempDir Path dir;

  @Test
  void promptsAreThoseOfLmEval() throws IOException {
    Set<String> tasks = new TreeSet<>();
    for (JsonObject golden : EvalFixture.lines("eval/tasks.jsonl")) {
      Path file = dir.resolve("one.jsonl");
      Files.writeString(file, "\n" + golden.object("record") + "\n");
      List<Question> questions = ChoiceTask.named(golden.string("task")).read(file, 5);
      assertThat(questions).hasSize(1);
      Question question = questions.get(0);
      assertThat(question.gold()).as(golden.toString()).isEqualTo(golden.integer("gold"));
      assertThat(question.options()).hasSameSizeAs(golden.list("requests"));
      for (int i = 0; i < question.options().size(); i++) {
        Question.Option option = question.options().get(i);
        assertThat(List.of(option.context(), option.continuation()))
            .isEqualTo(golden.list("requests").get(i));
        assertThat(option.choice()).isEqualTo(golden.list("choices").get(i));
      }
      tasks.add(golden.string("task"));
    }
    assertThat(tasks).containsExactlyElementsOf(ChoiceTask.names());
  }

  @Test
  void tabSeparatedValues() throws IOException {
    Path file = dir.resolve("dev.tsv");
    Files.writeString(
        file,
        """
        index\tquestion\tsentence\tlabel
        0\tWhat is "it"?\tIt is "that.\tentailment
        1\tWhy?\tThus.\tnot_entailment
        """);
    List<Question> questions = ChoiceTask.named("qnli").read(file, 9);
    assertThat(questions).hasSize(2);
    assertThat(questions.get(0).options().get(0).context())
        .startsWith("What is \"it\"?\nIt is \"that.\nQuestion:");
    assertThat(questions.get(0).gold()).isZero();
    assertThat(questions.get(1).gold()).isEqualTo(1);
    assertThat(ChoiceTask.named("qnli").read(file, 1)).hasSize(1);

    Files.writeString(file, "index\tquestion\tsentence\n0\ta\tb\n");
    assertThatThrownBy(() -> ChoiceTask.named("qnli").read(file, 9))
        .isInstanceOf(FormatException.class)
        .hasMessageContainingAll("dev.tsv:2", "expected a \"label\", found none");
    Files.writeString(file, "index\tquestion\n0\ta\tb\n");
    assertThatThrownBy(() -> ChoiceTask.named("qnli").read(file, 9))
        .hasMessageContainingAll("dev.tsv:2", "expected 2 values, found 3");
  }

  @Test
  void recordsOfOtherTasksAreRefused() throws IOException {
    Path file = dir.resolve("a.jsonl");
    Files.writeString(file, "{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 2}\n");
    assertThatThrownBy(() -> ChoiceTask.named("piqa").read(file, 9))
        .hasMessageContainingAll("a.jsonl:1", "expected \"label\" of 0, 1, found 2");
    assertThatThrownBy(() -> ChoiceTask.named("boolq").read(file, 9))
        .hasMessageContainingAll("a.jsonl:1", "\"question\", found nothing");
    Files.writeString(file, "");
    assertThatThrownBy(() -> ChoiceTask.named("piqa").read(file, 9))
        .hasMessageContaining("found none");
    assertThatThrownBy(() -> ChoiceTask.named("piqua"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("winogrande");
  }
}
