package org.mobilefinetuner.model;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Quantization;

/**
 * How the weights of a model that is not trained, the base of an adapter, are stored.
 *
 * <p>Only matrices change: norms and biases, and what is neither a projection nor a row for each
 * token, are float32 if the base is quantised.
 */
public enum FrozenFormat {
  /** As they are in the model's files. */
  AS_IS,
  BF16,
  INT8,
  /**
   * Projections in 4 bits. The embedding and the head have 8: a few percent of a large model, and
   * more sensitive than the rest.
   */
  INT4;

  /** How a weight is quantised, or null if it is not. */
  @Nullable Quantization quantization(WeightSpec spec, int vocabulary) {
    boolean perToken = spec.layout() == null && spec.shape()[0] == vocabulary;
    if (spec.shape().length != 2 || spec.layout() == null && !perToken) {
      return null;
    }
    return switch (this) {
      case AS_IS, BF16 -> null;
      case INT8 -> Quantization.INT8;
      case INT4 -> perToken ? Quantization.INT8 : Quantization.INT4;
    };
  }

  /** The type of a weight that is not quantised. */
  Format format(WeightSpec spec) {
    return this == BF16 && spec.shape().length == 2 ? Format.BF16 : Format.F32;
  }

  /** The bytes of a model's weights in this format, which is not {@link #AS_IS}. */
  public long bytes(Model model) {
    long sum = 0;
    for (WeightSpec spec : model.weights()) {
      @Nullable Quantization quantization = quantization(spec, model.vocabulary());
      sum +=
          quantization == null
              ? (long) spec.size() * format(spec).bytes()
              : quantization.bytes(spec.shape()[0], spec.shape()[1]);
    }
    return sum;
  }

  /** The name that options and files have for it, such as {@code as-is}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
