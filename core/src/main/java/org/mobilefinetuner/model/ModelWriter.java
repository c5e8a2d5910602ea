package org.mobilefinetuner.model;

import static org.mobilefinetuner.io.SafetensorsFolder.SINGLE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.SafetensorsShards;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.io.SafetensorsWriter.Values;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Quantization;

/** Writes a model in Hugging Face's folder layout, whole or not at all. */
public final class ModelWriter {
  /** What is copied along with a model. */
  private static final List<String> COMPANIONS =
      List.of(
          ModelFolder.GENERATION,
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja",
          "vocab.json",
          "merges.txt",
          "tokenizer.model");

  /** The version whose layout is written when the model does not say where it comes from. */
  private static final String TRANSFORMERS = "4.46.0";

  private static final String QUANTIZATION = "quantization_config";

  private static final String HEAD = "lm_head.weight";

  private ModelWriter() {}

  /** What is written: the type of the numbers, and how many bytes of them a file holds. */
  public record Storage(Format format, long maxShardBytes) {
    /** All in one file. */
    public static Storage single(Format format) {
      return new Storage(format, Long.MAX_VALUE);
    }
  }

  /** Looks at what has been written before it takes its place; what it throws undoes it. */
  @FunctionalInterface
  public interface Check {
    void accept(Path folder) throws IOException;
  }

  /**
   * Writes {@code config.json}, {@code model.safetensors} or its shards, and copies of the
   * companions.
   *
   * @param folder if it exists, its other files stay
   * @param config what is known of the model; its keys are kept
   * @param values the numbers of each weight, asked for one weight after the other
   * @param companions a folder whose tokenizer and generation files are copied, or null
   */
  public static void write(
      Path folder,
      Model model,
      JsonObject config,
      Storage storage,
      Function<WeightSpec, Values> values,
      @Nullable Path companions,
      Check check)
      throws IOException {
    Format format = storage.format;
    Map<String, Item> tensors = new LinkedHashMap<>();
    for (WeightSpec spec : model.weights()) {
      tensors.put(spec.name(), new Item(spec.shape(), format, values.apply(spec)));
    }
    write(
        folder,
        described(model, config, format),
        companions,
        to -> SafetensorsShards.write(to, tensors, storage.maxShardBytes),
        check);
  }

  /**
   * Writes {@code config.json}, quantised weights, and copies of the companions.
   *
   * @param base {@link FrozenFormat#INT8} or {@link FrozenFormat#INT4}
   * @param values the numbers of each weight, asked for one weight after the other
   */
  public static void writeQuantized(
      Path folder,
      Model model,
      JsonObject config,
      FrozenFormat base,
      Function<WeightSpec, Values> values,
      @Nullable Path companions,
      Parallel team)
      throws IOException {
    JsonObject quantization =
        JsonObject.empty()
            .put("quant_method", "mobilefinetuner") // transformers refuses what it does not know
            .put("base_format", base.toString())
            .put("group_size", Quantization.GROUP);
    write(
        folder,
        described(model, config, Format.F32).put(QUANTIZATION, quantization),
        companions,
        to -> new FrozenWriter(base, team).write(to.resolve(SINGLE), model, values),
        written -> {});
  }

  private static void write(
      Path folder,
      JsonObject config,
      @Nullable Path companions,
      AtomicFolder.Content weights,
      Check check)
      throws IOException {
    AtomicFolder.write(
        folder,
        ModelFolder.CONFIG,
        to -> {
          weights.writeTo(to);
          for (String name : COMPANIONS) {
            @Nullable Path file = companions == null ? null : companions.resolve(name);
            if (file != null && Files.isRegularFile(file)) {
              AtomicFile.write(to.resolve(name), out -> Files.copy(file, out));
            }
          }
          AtomicFile.write(to.resolve(ModelFolder.CONFIG), config.pretty());
          check.accept(to);
        });
  }

  /** Writes everything into one file, unchecked. */
  public static void write(
      Path folder,
      Model model,
      JsonObject config,
      Format format,
      Function<WeightSpec, Values> values,
      @Nullable Path companions)
      throws IOException {
    write(folder, model, config, Storage.single(format), values, companions, written -> {});
  }

  private static JsonObject described(Model model, JsonObject config, Format format)
      throws IOException {
    JsonObject all = JsonObject.named(ModelFolder.CONFIG);
    for (String key : config.keys()) {
      if (!key.equals(QUANTIZATION)) { // what is written are plain numbers
        all.put(key, config.get(key));
      }
    }
    String type =
        switch (format) {
          case F32 -> "float32";
          case BF16 -> "bfloat16";
          case F16 -> "float16";
        };
    if (all.has("torch_dtype") || !all.has("dtype")) {
      all.put("torch_dtype", type); // transformers 4, which 5 reads as well
    }
    if (all.has("dtype")) {
      all.put("dtype", type);
    }
    boolean untied = model.weights().stream().anyMatch(spec -> spec.name().equals(HEAD));
    all.put("tie_word_embeddings", !untied);
    all.put("model_type", model.type());
    if (!all.has("architectures")) {
      all.put("architectures", List.of(model.architecture()));
    }
    if (!all.has("transformers_version")) {
      all.put("transformers_version", TRANSFORMERS);
    }
    return all;
  }
}
