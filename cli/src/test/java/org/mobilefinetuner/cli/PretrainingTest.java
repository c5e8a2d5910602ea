package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

/**
 * The quickstart's base model was made by its recipe: the first 50 steps give the same losses.
 *
 * <p>The losses were written by this recipe on a machine with 512-bit vectors. Other widths round
 * differently, and the difference grows with the steps, hence the tolerance.
 */
final class PretrainingTest {
  private static final Path ROOT = Path.of(System.getProperty("mft.root", "..")).toAbsolutePath();
  private static final Path RECIPE = ROOT.resolve("tools/quickstart");

  @TempDir Path temporary;

  @Test
  void theFirstFiftyStepsOfTheRecipe() throws IOException, InterruptedException {
    Path data = temporary.resolve("base.jsonl");
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process generate =
        new ProcessBuilder(
                java.toString(),
                RECIPE.resolve("Generate.java").toString(),
                "base",
                data.toString(),
                "72000")
            .directory(ROOT.toFile())
            .inheritIO()
            .start();
    assertThat(generate.waitFor()).isZero();
    Path init = temporary.resolve("init");
    succeed(
        "init",
        "--config",
        RECIPE.resolve("config.json"),
        "--tokenizer",
        ROOT.resolve("quickstart/model"),
        "--output",
        init,
        "--seed",
        1,
        "--dtype",
        "f32");
    Path output = temporary.resolve("base");
    succeed(
        "train",
        "--method",
        "full",
        "--model",
        init,
        "--data",
        data,
        "--batch-size",
        16,
        "--max-steps",
        50,
        "--learning-rate",
        "2.5e-4",
        "--lr-scheduler-type",
        "linear",
        "--warmup-steps",
        50,
        "--weight-decay",
        0.01,
        "--max-grad-norm",
        1,
        "--seed",
        1,
        "--logging-steps",
        1,
        "--output-dir",
        output,
        "--threads",
        2);
    List<Double> wanted = losses(RECIPE.resolve("first-50-steps.jsonl"));
    List<Double> found = losses(output.resolve("metrics.jsonl"));
    assertThat(found).hasSize(50).hasSameSizeAs(wanted);
    for (int i = 0; i < 50; i++) {
      assertThat(found.get(i)).as("loss of step " + (i + 1)).isCloseTo(wanted.get(i), within(2e-3));
    }
  }

  private static void succeed(Object... args) {
    Mft.Run run = Mft.run(args);
    assertThat(run.code()).as(run.err()).isZero();
  }

  private static List<Double> losses(Path file) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (JsonObject line : Log.measured(file)) {
      losses.add(line.number("loss"));
    }
    return losses;
  }
}
