package org.mobilefinetuner.android.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.android.artifacts.FakePhone.Outcome;
import org.mobilefinetuner.io.JsonObject;

/** {@code tools/adb/mft-adb} pushes, runs and pulls. */
final class AdbScriptTest {
  private static final Path QUICKSTART = Built.ROOT.resolve("quickstart");

  @TempDir Path folder;
  private FakePhone phone;

  @BeforeEach
  void connect() throws Exception {
    phone = new FakePhone(folder);
  }

  @Test
  void trainsAndBringsTheResultBack() throws Exception {
    Path data = Files.copy(QUICKSTART.resolve("train.jsonl"), folder.resolve("o'data.jsonl"));
    Path output = folder.resolve("the result");
    Object[] command = {
      "train", QUICKSTART.resolve("model"), data, output, "--max-steps", "2", "--batch-size", "2"
    };
    Outcome outcome = phone.run(command);
    assertThat(outcome.code()).as(outcome.text()).isZero();
    assertThat(outcome.text()).contains("step 2/2").contains("Finished after 2 steps");
    assertThat(output.resolve("adapter_model.safetensors")).isNotEmptyFile();

    byte[] adapter = Files.readAllBytes(output.resolve("adapter_model.safetensors"));
    Outcome again = phone.run(command);
    assertThat(again.code()).as(again.text()).isZero();
    assertThat(again.text()).doesNotContain("step 1/2");
    assertThat(output.resolve("adapter_model.safetensors")).hasBinaryContent(adapter);
  }

  @Test
  void benchmarkIsKeptAsJson() throws Exception {
    Path file = folder.resolve("phone.json");
    Outcome outcome = phone.run("bench", file);
    assertThat(outcome.code()).as(outcome.text()).isZero();
    JsonObject result = JsonObject.read(file);
    assertThat(result.object("device").string("name"))
        .isEqualTo(
            "value-of-ro.product.manufacturer value-of-ro.product.model"
                + " value-of-ro.board.platform");
    assertThat(result.object("step").number("tokens_per_second")).isPositive();
    assertThat(phone.storage().resolve("libmft.so")).hasSameBinaryContentAs(Built.library());
  }

  @Test
  void whatIsWrongIsSaidBeforeAnythingIsPushed() throws Exception {
    assertThat(phone.run("fly").text()).contains("expected train, bench, verify or doctor");
    assertThat(phone.run("train", "m", "d").text()).contains("found 2 arguments");
    Outcome noModel = phone.run("train", folder, "d", "o");
    assertThat(noModel.code()).isEqualTo(2);
    assertThat(noModel.text()).contains("expected config.json");
    assertThat(phone.storage()).doesNotExist();
  }
}
