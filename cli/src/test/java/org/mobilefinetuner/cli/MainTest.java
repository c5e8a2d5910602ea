package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @Test
  void helpListsTheCommands() {
    Mft.Run run = Mft.run("--help");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(
            "train",
            "eval",
            "generate",
            "tokenize",
            "inspect",
            "init",
            "verify",
            "bench",
            "doctor");
    assertThat(Mft.run().out()).isEqualTo(run.out());
  }

  @Test
  void everyCommandHasHelp() {
    Main.commandLine()
        .getSubcommands()
        .keySet()
        .forEach(
            name -> assertThat(Mft.run(name, "--help").out()).startsWith("Usage: mft " + name));
  }

  @Test
  void version() {
    assertThat(Mft.run("--version").out()).startsWith("mft ");
    assertThat(Mft.run("inspect", "-V").out()).isEqualTo(Mft.run("--version").out());
  }

  @Test
  void helpMarksWhatMustBeGiven() {
    assertThat(Mft.run("verify", "--help").out())
        .containsPattern("\\* +--golden")
        .containsPattern("\n +--threads");
  }

  @Test
  void unknownOptionNamesTheNearest() {
    Mft.Run run = Mft.run("inspect", "x", "--jsn");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualToNormalizingNewlines(
            """
            mft inspect: unknown option --jsn; did you mean --json?
            See mft inspect --help.
            """);
  }

  @Test
  void misspelledRequiredOptionNamesTheNearest() {
    Mft.Run run = Mft.run("verify", "--modle=x", "--golden", "y");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("unknown option --modle; did you mean --model?");
  }

  @Test
  void missingOptionIsNamed() {
    Mft.Run run = Mft.run("verify", "--model", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--golden");
  }

  @Test
  void unknownCommandNamesTheNearest() {
    Mft.Run run = Mft.run("genrate");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("unknown command \"genrate\"; did you mean generate?");
    assertThat(Mft.run("eval", "pplx").err()).contains("did you mean ppl?");
  }

  @Test
  void nothingNearNothingNamed() {
    assertThat(Mft.run("inspect", "x", "--zzzzzzzz").err())
        .contains("unknown option --zzzzzzzz")
        .doesNotContain("did you mean");
  }

  @Test
  void underscoresAreHyphens() {
    Mft.Run run =
        Mft.run("generate", "--model", Mft.GOLDEN, "--prompt_ids=8,10", "--max_new_tokens", "2");
    assertThat(run.err()).contains("2 tokens");
    assertThat(run.code()).isZero();
  }

  @Test
  void aliasesOfOtherTools() {
    Mft.Run run =
        Mft.run(
            "generate", "--model_name_or_path", Mft.GOLDEN, "--prompt-ids=8", "--max-new-tokens=1");
    assertThat(run.code()).isZero();
  }

  @Test
  void failedRunIsOneLine() {
    Mft.Run run = Mft.run("inspect", "no/such/file");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("mft inspect: expected").contains("no/such/file");
  }

  @Test
  void stackTraceWhenAsked() {
    assertThat(Mft.run("inspect", "no/such/file", "--stacktrace").err())
        .contains("\tat org.mobilefinetuner.");
  }

  @Test
  void programErrorsAreNotPassedOffAsTheUsers() {
    assertThat(Failures.message(new IllegalStateException("odd")))
        .contains("internal error", "--stacktrace");
    assertThat(Failures.message(new IllegalArgumentException("expected a, found b")))
        .isEqualTo("expected a, found b");
    assertThat(Failures.message(new OutOfMemoryError())).contains("MFT_HEAP");
    assertThat(Failures.message(new java.nio.file.NoSuchFileException("f")))
        .isEqualTo("expected a file at f, found none");
    assertThat(
            Failures.message(
                new java.io.UncheckedIOException(new java.nio.file.NoSuchFileException("f"))))
        .isEqualTo("expected a file at f, found none");
  }

  @Test
  void configMustBeAFile(@TempDir Path dir) {
    for (Path config : List.of(dir, dir.resolve("none.yaml"))) {
      Mft.Run run = Mft.run("train", "-c", config);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("expected a YAML file", "found", config.toString());
    }
  }

  @Test
  void backendIsNamedOrRefused() {
    Mft.Run run = Mft.run("generate", "--model", Mft.GOLDEN, "--prompt-ids=8", "--backend=fast");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("scalar", "found \"fast\"");
    run = Mft.run("generate", "--model", Mft.GOLDEN, "--prompt-ids=8", "--threads=0");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--threads of at least 1, found 0");
  }
}
