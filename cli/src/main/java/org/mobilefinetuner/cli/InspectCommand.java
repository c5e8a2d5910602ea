package org.mobilefinetuner.cli;

import static java.util.Objects.requireNonNull;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.io.GgufMetadata;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.QuantizedTensors;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.io.SafetensorsFolder;
import org.mobilefinetuner.io.TensorSource;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code mft inspect}: what is in a model folder, an adapter folder, a safetensors or a GGUF file.
 */
@Command(
    name = "inspect",
    description = "Shows what is in a model, an adapter, a safetensors or a GGUF file.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR|FILE",
      description = "A model folder, an adapter folder, a safetensors or a GGUF file.")
  private Path path = Path.of("");

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (Gguf.is(path)) {
      try (Gguf file = Gguf.open(path)) {
        show("GGUF file", metadata(file.metadata()), file);
      }
    } else if (!Files.isDirectory(path)) {
      try (QuantizedTensors file = QuantizedTensors.open(path)) {
        show("safetensors file", JsonObject.empty(), file);
      }
    } else if (Files.exists(path.resolve(PeftFolder.CONFIG))) {
      try (Safetensors file = Safetensors.open(path.resolve(PeftFolder.WEIGHTS))) {
        show("adapter", adapter(), file);
      }
    } else if (Files.exists(path.resolve(ModelFolder.CONFIG))) {
      try (SafetensorsFolder files = SafetensorsFolder.open(path)) {
        show("model", model(), files);
      }
    } else {
      throw new FileNotFoundException(
          "expected config.json or adapter_config.json in the folder, found neither in " + path);
    }
    return 0;
  }

  /** What is at the head of a GGUF file; of a vocabulary only how long it is. */
  private static JsonObject metadata(GgufMetadata metadata) {
    JsonObject facts = JsonObject.empty();
    for (String key : metadata.keys()) {
      Object value = requireNonNull(metadata.get(key));
      boolean list = value.getClass().isArray();
      facts.put(key, list ? "list of " + Array.getLength(value) : value);
    }
    return facts;
  }

  private JsonObject adapter() throws IOException {
    JsonObject config = JsonObject.read(path.resolve(PeftFolder.CONFIG));
    JsonObject facts = JsonObject.empty();
    for (String key :
        List.of(
            "peft_type",
            "base_model_name_or_path",
            "r",
            "lora_alpha",
            "lora_dropout",
            "target_modules",
            "use_rslora",
            "use_dora")) {
      if (config.has(key)) {
        facts.put(key, config.get(key));
      }
    }
    return facts;
  }

  private JsonObject model() throws IOException {
    JsonObject config = ModelFolder.config(path);
    JsonObject facts = JsonObject.empty().put("model_type", config.get("model_type"));
    if (config.has("architectures")) {
      facts.put("architectures", config.get("architectures"));
    }
    Model model;
    try {
      model = Models.of(config);
    } catch (FormatException e) {
      return facts.put("unsupported", e.getMessage());
    }
    facts
        .put("parameters", model.parameters())
        .put("vocabulary", model.vocabulary())
        .put("positions", model.positions())
        .put("width", model.width())
        .put("blocks", model.segments().size() - 2);
    try (ModelFolder folder = ModelFolder.open(path)) {
      facts.put("end_tokens", folder.eos()).put("tokenizer_tokens", tokens(folder));
    }
    return facts;
  }

  /** The size of the tokenizer, null without one, or why it cannot be used. */
  private static @Nullable Object tokens(ModelFolder folder) {
    try {
      @Nullable Tokenizer tokenizer = folder.tokenizer();
      return tokenizer == null ? null : tokenizer.vocabularySize();
    } catch (IOException e) {
      return Failures.message(e);
    }
  }

  private record Row(String name, String type, int[] shape, long values, long bytes) {}

  private void show(String kind, JsonObject facts, TensorSource source) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String name : source.names()) {
      int[] shape = source.shape(name);
      long values = Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
      rows.add(new Row(name, source.type(name), shape, values, source.bytes(name)));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(object(kind, facts, rows));
    } else {
      print(kind, facts, rows, out);
    }
  }

  private JsonObject object(String kind, JsonObject facts, List<Row> rows) {
    List<JsonObject> tensors = new ArrayList<>();
    for (Row row : rows) {
      tensors.add(
          JsonObject.empty()
              .put("name", row.name)
              .put("dtype", row.type)
              .put("shape", row.shape)
              .put("bytes", row.bytes()));
    }
    JsonObject object = JsonObject.empty().put("kind", kind).put("path", path.toString());
    facts.keys().forEach(key -> object.put(key, facts.get(key)));
    return object
        .put("tensor_values", rows.stream().mapToLong(Row::values).sum())
        .put("tensor_bytes", rows.stream().mapToLong(Row::bytes).sum())
        .put("tensors", tensors);
  }

  private void print(String kind, JsonObject facts, List<Row> rows, PrintWriter out) {
    out.println(kind + " " + path);
    for (String key : facts.keys()) {
      out.println("  " + key.replace('_', ' ') + ": " + text(facts.get(key)));
    }
    out.println();
    Table table = new Table("tensor", "dtype", "shape", ">bytes");
    for (Row row : rows) {
      table.row(
          row.name,
          row.type,
          Arrays.toString(row.shape),
          String.format(Locale.ROOT, "%,d", row.bytes()));
    }
    table.print(out);
    out.printf(
        Locale.ROOT,
        "%n%,d tensors, %,d values, %,d bytes%n",
        rows.size(),
        rows.stream().mapToLong(Row::values).sum(),
        rows.stream().mapToLong(Row::bytes).sum());
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "none";
      case int[] numbers -> Arrays.toString(numbers);
      case Number n when n.longValue() == n.doubleValue() ->
          String.format(Locale.ROOT, "%,d", n.longValue());
      default -> value.toString();
    };
  }
}
