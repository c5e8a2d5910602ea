package org.mobilefinetuner.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;
import org.mobilefinetuner.plan.RuntimeCost;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a command computes with. */
final class BackendOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute (default: one for each processor).")
  private @Nullable Integer threads;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "How to compute (default: the fastest that works; see mft doctor).")
  private @Nullable String backend;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  int threads() {
    int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (count < 1) {
      throw usage("expected --threads of at least 1, found " + count);
    }
    return count;
  }

  /** The options with which another process computes in the same way. */
  List<String> options() {
    return List.of("--threads", Integer.toString(threads()), "--backend", provider().name());
  }

  /** The backend, to be closed by the caller. */
  Kernels kernels() {
    return provider().create(threads());
  }

  /** What Java and the backend take besides the values that are computed with. */
  RuntimeCost runtime() {
    int count = threads();
    return RuntimeCost.launched(count, provider().offHeapBytes(count));
  }

  private KernelsProvider provider() {
    try {
      return backend == null ? Backends.best() : Backends.named(backend);
    } catch (IllegalArgumentException e) {
      throw usage("--backend: " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
