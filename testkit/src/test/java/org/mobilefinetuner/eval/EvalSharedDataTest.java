package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.testkit.SharedData;
import org.mobilefinetuner.text.Tokenizer;

/** The real data beside the project: only the hashes of what lm-eval makes of it are kept here. */
class EvalSharedDataTest {
  private static final int ALL = Integer.MAX_VALUE;

  private static Path shared(String name) {
    Path found = SharedData.find(name);
    assumeTrue(found != null, () -> "../shared/data/" + name + " is not there");
    return Objects.requireNonNull(found);
  }

  /** Made by tools/golden/eval. */
  private static JsonObject golden() throws IOException {
    return JsonObject.read(Path.of("../core/src/test/resources/eval/shared.json"));
  }

  private static String sha256(List<String> texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      texts.forEach(text -> digest.update((text + "\0").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void mmluPromptsAreThoseOfLmEval() throws IOException {
    Mmlu mmlu = new Mmlu(shared("mmlu"));
    Tokenizer tokenizer = Tokenizer.load(shared("tokenizers/gpt2"));
    assertThat(mmlu.subjects()).hasSize(57);
    JsonObject golden = golden().object("mmlu");
    assertThat(golden.keys()).hasSize(5);
    for (String subject : golden.keys()) {
      List<String> prompts =
          mmlu.questions(subject, 5, ALL, tokenizer, ALL).stream()
              .map(asked -> asked.question().options().get(0).context())
              .toList();
      assertThat(prompts).hasSize(golden.object(subject).integer("questions"));
      assertThat(sha256(prompts)).as(subject).isEqualTo(golden.object(subject).string("sha256"));
    }
  }

  @Test
  void wikiTextPagesAreThoseOfLmEval() throws IOException {
    String file = Files.readString(shared("wikitext-2/raw/wiki.test.raw"));
    List<PerplexityText> pages = new LmEvalProtocol(16, 0, OptionalInt.empty()).texts(file);
    JsonObject golden = golden().object("wikitext");
    assertThat(pages).hasSize(golden.integer("pages"));
    assertThat(pages.stream().mapToLong(PerplexityText::words).sum())
        .isEqualTo(golden.integer("words"));
    assertThat(pages.stream().mapToLong(PerplexityText::bytes).sum())
        .isEqualTo(golden.integer("bytes"));
    assertThat(sha256(pages.stream().map(PerplexityText::content).toList()))
        .isEqualTo(golden.string("sha256"));
  }

  @ParameterizedTest
  @CsvSource({
    "boolq, validation.jsonl, 3270",
    "piqa, validation.jsonl, 1838",
    "arc_easy, test.jsonl, 2376",
    "hellaswag, validation-1000.jsonl, 1000",
    "winogrande, validation.jsonl, 1267",
    "social_iqa, validation.jsonl, 1954",
    "qnli, dev.tsv, 5463"
  })
  void taskFilesAreRead(String task, String file, int questions) throws IOException {
    Path data = shared("tasks/" + task + "/" + file);
    assertThat(ChoiceTask.named(task).read(data, ALL)).hasSize(questions);
  }
}
