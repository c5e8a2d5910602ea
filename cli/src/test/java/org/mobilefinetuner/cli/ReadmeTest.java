package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.train.FineTuning;
import org.mobilefinetuner.train.Progress;
import org.mobilefinetuner.train.TrainingListener;

/** The program in README.md, and what it uses. */
final class ReadmeTest {
  private static final Path README = Path.of(System.getProperty("mft.root", ".."), "README.md");
  private static final String IMPORTS =
      """
      import java.io.IOException;
      import java.nio.file.Path;
      import org.mobilefinetuner.train.FineTuning;
      import org.mobilefinetuner.train.TrainingListener;
      """;

  @TempDir Path temporary;
  private Path model = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    model = TinyModel.make(temporary, true);
    data = temporary.resolve("notes.txt");
    Files.writeString(data, "The quick brown fox jumps over the lazy dog. ".repeat(40));
  }

  @Test
  void theProgramInTheReadmeFineTunes() throws Exception {
    String readme = Files.readString(README);
    int from = readme.indexOf("```java\n") + 8;
    String program = readme.substring(from, readme.indexOf("```", from));
    Path source = temporary.resolve("Tune.java");
    Files.writeString(source, IMPORTS + program);
    int errors =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                temporary.toString(),
                source.toString());
    assertThat(errors).isZero();
    Path output = temporary.resolve("out");
    try (URLClassLoader loader = new URLClassLoader(new URL[] {temporary.toUri().toURL()})) {
      Method main = loader.loadClass("Tune").getMethod("main", String[].class);
      main.invoke(
          null, (Object) new String[] {model.toString(), data.toString(), output.toString()});
    }
    Mft.Run run = Mft.run("eval", "ppl", "--model", model, "--adapter", output, "--data", data);
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void aRunCanBeStoppedAndIsSaved() throws IOException {
    FineTuning tuning = FineTuning.of(model, data).steps(50).batchSize(1).threads(1).maxLength(16);
    List<Integer> steps = new ArrayList<>();
    tuning.listener(
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            steps.add(step.step());
            if (step.step() == 3) {
              tuning.stop();
            }
          }
        });
    Progress progress = tuning.run(temporary.resolve("out"));
    assertThat(progress.steps()).isEqualTo(3);
    assertThat(steps).containsExactly(1, 2, 3);
    assertThat(temporary.resolve("out/adapter_model.safetensors")).exists();
  }
}
