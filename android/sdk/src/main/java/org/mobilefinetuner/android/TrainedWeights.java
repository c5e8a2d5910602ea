package org.mobilefinetuner.android;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Format;

/**
 * What a run trains and saves.
 *
 * @param adapters null if the whole model is
 */
record TrainedWeights(
    ModelFolder folder, LoadedWeights weights, PeftFolder.@Nullable Settings adapters) {
  /** Writes what the run is made for, in the type of the model's files. */
  void result(Path to) throws IOException {
    write(to, folder.format());
  }

  /** The trained numbers, exactly. */
  void checkpoint(Path to) throws IOException {
    write(to, Format.F32);
  }

  private void write(Path to, Format format) throws IOException {
    if (adapters == null) {
      folder.write(to, weights, format);
    } else {
      PeftFolder.write(to, adapters, weights.adapters().values());
    }
  }
}
