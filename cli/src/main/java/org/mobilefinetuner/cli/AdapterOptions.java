package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import picocli.CommandLine.Option;

/** Which adapter a command puts on the model. */
final class AdapterOptions {
  @Option(
      names = {"--adapter", "--adapter-path"},
      paramLabel = "DIR",
      description = "Folder of a LoRA or DoRA adapter, of PEFT or mlx-lm, to put on the model.")
  @Nullable Path adapter;

  /** The frozen weights of a model, with the adapter if there is one. */
  LoadedWeights load(ModelFolder folder) throws IOException {
    return folder.adapted(adapter);
  }

  /** Weights of the model in another format, with the adapter if there is one. */
  LoadedWeights load(ModelFolder folder, FrozenOptions base) throws IOException {
    return folder.adapted(base.load(folder), adapter);
  }
}
