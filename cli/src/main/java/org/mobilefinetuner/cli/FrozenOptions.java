package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.model.FrozenCache;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Format;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** In which format the weights of a model that is not trained are held. */
final class FrozenOptions {
  @Option(
      names = "--base-format",
      paramLabel = "FORMAT",
      description = {
        "as-is, bf16, int8 or int4: the frozen weights (default: as-is). Others than as-is are",
        "made once and kept in .mft beside the model, or in the user's cache."
      })
  private @Nullable FrozenFormat given;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** The format that was asked for, or that a plan has chosen. */
  FrozenFormat format() {
    return given == null ? FrozenFormat.AS_IS : given;
  }

  /** The formats that a plan may choose from: all that it knows if none was asked for. */
  List<FrozenFormat> open(ModelFolder folder) throws IOException {
    return given == null && !folder.quantized()
        ? List.of(FrozenFormat.AS_IS, FrozenFormat.INT8, FrozenFormat.INT4)
        : List.of(FrozenFormat.AS_IS);
  }

  /** Keeps the format that an earlier attempt had, if none was asked for. */
  void keep(String word) {
    for (FrozenFormat format : FrozenFormat.values()) {
      if (given == null && format.toString().equals(word)) {
        given = format;
      }
    }
  }

  /** Takes the format that a plan has chosen, or what was asked for if that is as it is. */
  void choose(FrozenFormat format) {
    if (format != FrozenFormat.AS_IS) {
      given = format;
    }
  }

  /** Demands that the weights can be trained, all of them. */
  void requireTrainable(ModelFolder folder) throws IOException {
    if (format() != FrozenFormat.AS_IS) {
      throw usage(
          "expected --base-format as-is for --method full, which trains all weights, found "
              + format()
              + "; leave one of them out");
    }
    if (folder.quantized()) {
      throw usage(
          "expected floating-point weights for --method full, found quantised ones in "
              + folder.path()
              + "; train with --method lora");
    }
  }

  /** Demands that the weights have the format, or can be converted to it. */
  void requireConvertible(ModelFolder folder) throws IOException {
    if (!asIs(folder) && folder.quantized()) {
      throw usage(
          "expected floating-point weights for --base-format "
              + format()
              + ", found quantised ones in "
              + folder.path()
              + "; leave --base-format out");
    }
  }

  /** Whether the files have the format already. */
  private boolean asIs(ModelFolder folder) throws IOException {
    return format() == FrozenFormat.AS_IS
        || format() == FrozenFormat.BF16 && folder.format() == Format.BF16;
  }

  /** The bytes of the files that the weights are read from. */
  long storedBytes(ModelFolder folder) throws IOException {
    return asIs(folder) ? folder.storedBytes() : format().bytes(folder.model());
  }

  /** The frozen weights of a model in this format. */
  LoadedWeights load(ModelFolder folder) throws IOException {
    LoadedWeights asIs = folder.frozen();
    if (asIs(folder)) {
      return asIs;
    }
    requireConvertible(folder);
    asIs.stream(new MappedPages());
    try (Parallel team = new Parallel(Runtime.getRuntime().availableProcessors())) {
      return new FrozenCache(places(folder.path()), team, new Report())
          .load(folder, asIs, format());
    }
  }

  /** Beside the model, or where a user's programs keep what can be made again. */
  private static List<Path> places(Path model) throws IOException {
    Path real = model.toRealPath();
    Map<String, String> environment = System.getenv();
    String home = System.getProperty("user.home", "");
    Path caches = Path.of(environment.getOrDefault("XDG_CACHE_HOME", home + "/.cache"));
    UUID id = UUID.nameUUIDFromBytes(real.toString().getBytes(StandardCharsets.UTF_8));
    return List.of(
        real.resolve(".mft"),
        caches.resolve("mobilefinetuner").resolve(real.getFileName() + "-" + id));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Says what takes its time, and where it is kept. */
  private final class Report implements FrozenCache.Listener {
    private long start;

    @Override
    public void converting(Path folder, FrozenCache.Reason reason) {
      start = System.nanoTime();
      String why =
          switch (reason) {
            case NEW -> "once";
            case STALE -> "again: the model's files have changed";
            case DAMAGED -> "again: what was there is damaged";
          };
      say(String.format("Converting the base to %s, %s; kept in %s", format(), why, folder));
    }

    @Override
    public void converted(Path folder, long bytes) {
      double seconds = (System.nanoTime() - start) * 1e-9;
      say(String.format(Locale.ROOT, "Converted: %,d bytes in %.1f s", bytes, seconds));
    }

    private void say(String line) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(line);
      err.flush();
    }
  }
}
