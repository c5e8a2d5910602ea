package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.export.Exports;
import org.mobilefinetuner.export.GgufFileName;
import org.mobilefinetuner.export.LogitCheck;
import org.mobilefinetuner.export.Modelfile;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.GgmlType;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter.Storage;
import org.mobilefinetuner.tensor.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code mft export}: a model or an adapter for other programs. */
@Command(
    name = "export",
    description = {
      "Writes a model or an adapter for other programs.",
      "",
      "What is written is loaded again and has to give the logits of the model with its adapter;"
          + " else nothing is left and the exit code is 1."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  /** A form in which other programs take models. */
  enum Target {
    /** An adapter folder of PEFT. */
    PEFT("peft"),
    /** A model folder of transformers. */
    HF("hf"),
    /** An adapter file of llama.cpp. */
    GGUF_LORA("gguf-lora"),
    /** A model file of llama.cpp. */
    GGUF("gguf");

    private final String text;

    Target(String text) {
      this.text = text;
    }

    /** How its numbers may be stored. */
    Set<GgmlType> types() {
      return switch (this) {
        case PEFT -> EnumSet.of(GgmlType.F32);
        case HF -> EnumSet.of(GgmlType.F32, GgmlType.BF16, GgmlType.F16);
        case GGUF_LORA -> EnumSet.of(GgmlType.F32, GgmlType.F16);
        case GGUF -> EnumSet.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0);
      };
    }

    boolean ofAdapter() {
      return this == PEFT || this == GGUF_LORA;
    }

    boolean isGguf() {
      return this == GGUF || this == GGUF_LORA;
    }

    @Override
    public String toString() {
      return text;
    }

    static final class Converter implements ITypeConverter<Target> {
      @Override
      public Target convert(String value) {
        List<String> all = new ArrayList<>();
        for (Target target : values()) {
          if (target.text.equals(value.replace('_', '-').toLowerCase(Locale.ROOT))) {
            return target;
          }
          all.add(target.text);
        }
        throw new TypeConversionException(
            "expected one of " + String.join(", ", all) + ", found \"" + value + "\"");
      }
    }
  }

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private AdapterOptions adapterOptions = new AdapterOptions();

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      converter = Target.Converter.class,
      description = {
        "peft: the adapter for PEFT.",
        "hf: the model, merged with its adapter, for transformers.",
        "gguf-lora: the adapter for llama.cpp and Ollama.",
        "gguf: the model, merged with its adapter, for llama.cpp and Ollama."
      })
  private Target format = Target.HF;

  @Option(
      names = {"--output", "--output-dir", "-o"},
      required = true,
      paramLabel = "PATH",
      description = "Folder to write; for gguf and gguf-lora a .gguf file, or a folder for it.")
  private Path output = Path.of("");

  @Option(
      names = {"--outtype", "--quantization", "--dtype"},
      paramLabel = "TYPE",
      description = {
        "Type of the stored numbers: f32, bf16 or f16, and q8_0 for gguf.",
        "Default: the model's for hf, f16 for gguf, f32 for adapters."
      })
  private @Nullable GgmlType type;

  @Mixin private ShardOptions shards = new ShardOptions();

  @Option(names = "--modelfile", description = "Write an Ollama Modelfile beside the GGUF file.")
  private boolean modelfile;

  @Mixin private BackendOptions backend = new BackendOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    long shard = shards.bytes();
    requireSense();
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels()) {
      GgmlType stored = type != null ? type : usual(folder);
      Exports exports = new Exports(folder, adapterOptions.adapter, kernels);
      Path to = format.isGguf() ? file(folder, exports, stored) : output;
      LogitCheck.Report report =
          switch (format) {
            case PEFT -> exports.peft(to);
            case HF -> exports.hf(to, new Storage(Format.valueOf(stored.name()), shard));
            case GGUF_LORA -> exports.ggufLora(to, stored);
            case GGUF -> exports.gguf(to, stored);
          };
      String what =
          format + " of a " + folder.model().type() + ", " + stored.name().toLowerCase(Locale.ROOT);
      ExportReport.print(spec.commandLine().getOut(), to, what, report);
      if (format == Target.GGUF && folder.tokenizer() == null) {
        say("Note: the model has no tokenizer, so the file takes and gives token ids only");
      }
      if (modelfile) {
        writeModelfile(to, exports.chatTemplate());
      }
    }
    return 0;
  }

  private void requireSense() throws IOException {
    if (format.ofAdapter() && adapterOptions.adapter == null) {
      throw usage("expected --adapter with --format " + format + ", found none");
    }
    if (type != null && !format.types().contains(type)) {
      throw usage(
          "expected --outtype among "
              + format.types().toString().toLowerCase(Locale.ROOT)
              + " for "
              + format
              + ", found "
              + type.name().toLowerCase(Locale.ROOT));
    }
    if (modelfile && !format.isGguf()) {
      throw usage("expected --modelfile with gguf or gguf-lora, found " + format);
    }
    if (!format.isGguf()) {
      NewOutput.requireFolder(spec, output);
    }
  }

  private GgmlType usual(ModelFolder folder) throws IOException {
    return switch (format) {
      case HF -> GgmlType.valueOf(folder.format().name());
      case GGUF -> GgmlType.F16;
      case PEFT, GGUF_LORA -> GgmlType.F32;
    };
  }

  /** The file to write: the one given, or one with the usual name in the folder given. */
  private Path file(ModelFolder folder, Exports exports, GgmlType stored) throws IOException {
    Path file = output;
    if (!output.toString().endsWith(".gguf")) {
      Path name =
          adapterOptions.adapter == null
              ? null
              : adapterOptions.adapter.toAbsolutePath().normalize().getFileName();
      file =
          output.resolve(
              GgufFileName.of(
                  exports.baseName(),
                  folder.model().parameters(),
                  name == null ? null : name.toString(),
                  stored,
                  format == Target.GGUF_LORA));
    }
    NewOutput.requireFile(spec, file);
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      if (modelfile) {
        NewOutput.requireFile(spec, parent.resolve("Modelfile"));
      }
      Files.createDirectories(parent);
    }
    return file;
  }

  private void writeModelfile(Path gguf, @Nullable String template) throws IOException {
    String name = "./" + gguf.getFileName();
    boolean adapter = format == Target.GGUF_LORA;
    String base = modelOptions.model.toAbsolutePath().normalize().toString();
    Path file = gguf.resolveSibling("Modelfile");
    AtomicFile.write(file, Modelfile.of(adapter ? base : name, adapter ? name : null, template));
    say(file + ": for ollama create NAME -f " + file);
    if (!Modelfile.knows(template)) {
      say(
          template == null
              ? "Note: the model has no chat template, so the Modelfile has no TEMPLATE"
              : "Note: the chat template is none that is known here, so the Modelfile has no"
                  + " TEMPLATE: check what Ollama makes of it");
    }
  }

  private void say(String line) {
    spec.commandLine().getOut().println(line);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
