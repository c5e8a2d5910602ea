package org.mobilefinetuner.android;

import android.app.ActivityManager;
import android.content.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.testkit.TinyModels;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;

/** A run of twelve short steps, in a folder of its own. */
@NullMarked
record TinyRun(Path folder) {
  static final int STEPS = 12;
  static final long MIB = 1 << 20;
  static final MemoryLimits LIMITS = new MemoryLimits(256 * MIB, 24 * MIB);

  /** Writes the model and the data. */
  static TinyRun in(Path folder) throws IOException {
    TinyModels.write(folder.resolve("model"), TinyModels.gpt2(64, 24, 16, 2, 2), Format.F32, 5);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      List<Integer> ids = new ArrayList<>();
      for (int t = 0; t < 8 + i % 9; t++) {
        ids.add((i * 7 + t * 3) % 64);
      }
      lines.add("{\"input_ids\": " + ids + "}");
    }
    Files.write(folder.resolve("data.jsonl"), lines);
    return new TinyRun(folder);
  }

  /** Robolectric's devices have a heap of 16 MiB. */
  static void giveHeap() {
    Context app = RuntimeEnvironment.getApplication();
    Shadows.shadowOf(app.getSystemService(ActivityManager.class)).setMemoryClass(256);
  }

  FineTuningSettings.Builder settings(String output) {
    return FineTuningSettings.of(
            folder.resolve("model"), folder.resolve("data.jsonl"), folder.resolve(output))
        .maxSteps(STEPS)
        .batchSize(2)
        .learningRate(1e-2)
        .put("save_steps", 3)
        .put("logging_steps", 1);
  }

  FineTuning tuning(FineTuningSettings settings, FineTuningListener listener) {
    return new FineTuning(settings, LIMITS, folder, PowerControl.NONE, listener);
  }

  FineTuningResult run(FineTuningSettings settings, FineTuningListener listener)
      throws InterruptedException {
    FineTuning tuning = tuning(settings, listener);
    tuning.start();
    return tuning.await();
  }

  /** The adapter of a run that nothing has disturbed. */
  byte[] undisturbed() throws IOException, InterruptedException {
    run(settings("undisturbed").build(), FineTuningListener.NONE);
    return adapter("undisturbed");
  }

  byte[] adapter(String output) throws IOException {
    return Files.readAllBytes(folder.resolve(output).resolve("adapter_model.safetensors"));
  }
}
