package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Format;

/**
 * What a run trains: a whole model, or an adapter on it.
 *
 * @param targets where the adapters are; null if the model is trained in full
 */
record Trained(
    ModelFolder folder,
    LoadedWeights weights,
    @Nullable TargetModules targets,
    TrainOptions options) {

  /** Writes the model or the adapter as it is now, in the type that is wanted. */
  void save(Path to) throws IOException {
    write(to, options.saveDtype != null ? options.saveDtype : folder.format());
  }

  /** Writes the numbers that are trained, exactly. */
  void checkpoint(Path to) throws IOException {
    write(to, Format.F32);
  }

  /** An adapter is float32 in any case. */
  private void write(Path to, Format format) throws IOException {
    if (targets == null) {
      folder.write(to, weights, format);
    } else {
      var settings =
          new PeftFolder.Settings(
              folder.config().has("_name_or_path") ? folder.config().string("_name_or_path") : null,
              options.loraRank,
              options.loraAlpha,
              options.useRslora,
              options.loraDropout,
              options.method == TrainOptions.Method.DORA,
              targets);
      PeftFolder.write(to, settings, weights.adapters().values());
    }
  }
}
