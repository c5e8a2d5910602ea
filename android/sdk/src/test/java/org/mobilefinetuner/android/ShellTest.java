package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The command line of {@code app_process} in a process of its own, without Android. */
@NullUnmarked
public class ShellTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path data;

  @Before
  public void write() throws IOException {
    data = folder.getRoot().toPath();
    TinyRun.in(data);
  }

  private String run(int code, Object... words) throws Exception {
    Process process = ShellProcess.start(words);
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isEqualTo(code);
    return text;
  }

  private Object[] train(String output) {
    return new Object[] {
      "train",
      "--model",
      data.resolve("model"),
      "--data",
      data.resolve("data.jsonl"),
      "--output-dir",
      data.resolve(output),
      "--max-steps",
      "300",
      "--batch-size=2",
      "--save-steps",
      "20",
      "--learning-rate",
      "1e-2"
    };
  }

  @Test
  public void aKilledRunGoesOnToTheSameBits() throws Exception {
    Process killed = ShellProcess.start(train("killed"));
    ShellProcess.awaitLine(killed, "step 50/");
    killed.destroyForcibly().waitFor();
    assertThat(data.resolve("killed/adapter_model.safetensors")).doesNotExist();

    assertThat(run(0, train("killed"))).contains("goes on after step").contains("Finished");
    assertThat(run(0, train("whole"))).contains("step 300/300");
    TinyRun run = new TinyRun(data);
    assertThat(run.adapter("killed")).isEqualTo(run.adapter("whole"));
  }

  @Test
  public void whatIsWrongIsSaid() throws Exception {
    assertThat(run(2, "train", "--model", "m")).contains("expected --data");
    assertThat(run(2, "fly")).contains("found fly");
    assertThat(run(1, "eval", "--model", data.resolve("none"), "--data", "d"))
        .contains("expected a model folder");
    assertThat(run(0, "doctor")).contains("Sensors").contains("used");
  }

  @Test
  public void aStepIsMeasured() throws Exception {
    assertThat(
            run(
                0,
                "bench",
                "step",
                "--model",
                data.resolve("model"),
                "--max-seq-length",
                "16",
                "--steps",
                "1"))
        .contains("8 x 16")
        .contains("s/step");
  }
}
