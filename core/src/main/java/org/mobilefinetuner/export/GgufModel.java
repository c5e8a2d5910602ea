package org.mobilefinetuner.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.GgmlType;
import org.mobilefinetuner.io.GgufMetadata;
import org.mobilefinetuner.io.GgufWriter;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.text.Tokenizer;

/**
 * A model as llama.cpp's GGUF: tensors by its names, sizes and tokenizer under its keys.
 *
 * <p>Norms and biases stay float32, as llama.cpp demands; so does nothing else. A matrix whose rows
 * are no whole blocks of the type is float16.
 */
final class GgufModel {
  private static final int QUANTIZATION_VERSION = 2;

  private final ModelFolder folder;
  private final Model model;
  private final GgufArchitecture architecture;
  private final GgufHyperparameters hyperparameters;
  private final String name;
  private final GgmlType type;

  /**
   * @throws FormatException if llama.cpp cannot compute the model
   */
  GgufModel(ModelFolder folder, String name, GgmlType type) throws FormatException {
    this.folder = folder;
    this.model = folder.model();
    this.architecture = GgufArchitecture.of(model);
    this.hyperparameters = new GgufHyperparameters(model, folder.config(), architecture);
    this.name = name;
    this.type = type;
  }

  /** The number that llama.cpp has for a file of mostly that type. */
  static int fileType(GgmlType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case Q8_0 -> 7;
      case BF16 -> 32;
      default -> throw new IllegalArgumentException("expected a type that is written, " + type);
    };
  }

  void write(
      Path file, MergedWeights weights, @Nullable Tokenizer tokenizer, @Nullable String template)
      throws IOException {
    GgufMetadata metadata =
        new GgufMetadata()
            .string("general.architecture", architecture.name())
            .string("general.type", "model")
            .string("general.name", name)
            .string("general.size_label", GgufFileName.size(model.parameters()))
            .integer("general.file_type", fileType(type))
            .integer("general.quantization_version", QUANTIZATION_VERSION);
    hyperparameters.addTo(metadata);
    if (tokenizer == null) {
      metadata
          .string("tokenizer.ggml.model", "none") // ids in, ids out
          .integer(architecture.name() + ".vocab_size", model.vocabulary());
    } else {
      GgufTokenizer.of(folder.path(), tokenizer, model.vocabulary()).addTo(metadata, folder.eos());
      if (template != null) {
        metadata.string("tokenizer.chat_template", template);
      }
    }
    Map<String, GgufWriter.Item> tensors = new LinkedHashMap<>();
    @Nullable Tensor factors = hyperparameters.frequencyFactors();
    if (factors != null) {
      tensors.put(
          "rope_freqs.weight", new GgufWriter.Item(factors.shape(), GgmlType.F32, () -> factors));
    }
    for (WeightSpec spec : model.weights()) {
      int[] shape = architecture.shape(spec);
      tensors.put(
          architecture.tensor(spec.name()),
          new GgufWriter.Item(
              shape, typeOf(shape), () -> architecture.stored(spec, weights.get(spec))));
    }
    GgufWriter.write(file, metadata, tensors);
  }

  private GgmlType typeOf(int[] shape) {
    if (shape.length == 1) {
      return GgmlType.F32;
    }
    return shape[1] % type.blockValues() == 0 ? type : GgmlType.F16;
  }
}
