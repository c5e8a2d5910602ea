package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  private Process start(Object... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx128m");
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(withoutAndroid());
    command.add("org.mobilefinetuner.android.shell.Main");
    for (Object word : words) {
      command.add(word.toString());
    }
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String withoutAndroid() {
    List<String> kept = new ArrayList<>();
    for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!element.contains("robolectric")) {
        kept.add(element);
      }
    }
    return String.join(File.pathSeparator, kept);
  }

  private String run(int code, Object... words) throws Exception {
    Process process = start(words);
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
    Process killed = start(train("killed"));
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(killed.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null && !line.startsWith("step 50/")) {
        line = lines.readLine();
      }
      assertThat(line).isNotNull();
    }
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
