package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which models an evaluation measures side by side: the base, and adapters on it. */
final class ComparedModels {
  @Option(
      names = {"--adapter", "--adapter-path"},
      paramLabel = "DIR",
      description = "Folder of an adapter to put on the model; again for a further column.")
  private List<Path> adapters = new ArrayList<>();

  @Option(
      names = "--base",
      negatable = true,
      description = "Also without adapter (default: if there is none, or if there are several).")
  private @Nullable Boolean base;

  @Mixin private FrozenOptions baseOptions = new FrozenOptions();

  /** One column of the result. */
  record One(@Nullable Path adapter, FrozenOptions base) {
    String name() {
      return adapter == null ? "base" : adapter.toString();
    }

    /** The weights of the folder's model with this adapter. */
    LoadedWeights load(ModelFolder folder) throws IOException {
      return folder.adapted(base.load(folder), adapter);
    }
  }

  /** Base first, then the adapters as they were given. */
  List<One> all() {
    List<One> all = new ArrayList<>();
    if (adapters.isEmpty() || (base == null ? adapters.size() > 1 : base)) {
      all.add(new One(null, baseOptions));
    }
    adapters.forEach(adapter -> all.add(new One(adapter, baseOptions)));
    return all;
  }
}
