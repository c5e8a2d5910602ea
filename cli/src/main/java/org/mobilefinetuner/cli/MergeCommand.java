package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.export.Exports;
import org.mobilefinetuner.export.LogitCheck;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter.Storage;
import org.mobilefinetuner.tensor.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft merge}: a model and its adapter become one model folder. */
@Command(
    name = "merge",
    description = {
      "Adds an adapter to the weights of its model and writes a model folder.",
      "",
      "The folder is loaded again and has to give the logits of model and adapter; else nothing is"
          + " written. For other formats: mft export."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class MergeCommand implements Callable<Integer> {
  @Mixin private ModelOptions modelOptions = new ModelOptions();

  @Option(
      names = {"--adapter", "--adapter-path"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of the LoRA or DoRA adapter, of PEFT or mlx-lm.")
  private Path adapter = Path.of("");

  @Option(
      names = {"--output", "--output-dir", "-o"},
      required = true,
      paramLabel = "DIR",
      description = "The model folder to write; must be new or empty.")
  private Path output = Path.of("");

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type of the stored weights: f32, bf16 or f16 (default: the model's).")
  private @Nullable Format dtype;

  @Mixin private ShardOptions shards = new ShardOptions();
  @Mixin private BackendOptions backend = new BackendOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    long shard = shards.bytes();
    NewOutput.requireFolder(spec, output);
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels()) {
      Format format = dtype == null ? folder.format() : dtype;
      LogitCheck.Report report =
          new Exports(folder, adapter, kernels).hf(output, new Storage(format, shard));
      String what = "merged " + folder.model().type() + ", " + format;
      ExportReport.print(
          spec.commandLine().getOut(), output, what.toLowerCase(Locale.ROOT), report);
    }
    return 0;
  }
}
