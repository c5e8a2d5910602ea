package org.mobilefinetuner.export;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.Adapter;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.io.SafetensorsWriter.Values;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The weights of a model with its LoRA adapters added to them: W + scale·B·A for weights [out, in],
 * its transpose for GPT-2's [in, out].
 *
 * <p>A weight is made when it is asked for and forgotten when the next one is, so that a model
 * larger than the memory can be merged.
 */
public final class MergedWeights {
  private final LoadedWeights weights;
  private final Kernels kernels;
  private @Nullable String held;
  private @Nullable Matrix matrix;

  /**
   * @param weights frozen, with LoRA adapters or none
   */
  public MergedWeights(LoadedWeights weights, Kernels kernels) throws FormatException {
    for (Adapter adapter : weights.adapters().values()) {
      if (!(adapter instanceof Lora)) {
        throw new FormatException(
            "expected LoRA adapters, found " + adapter.getClass().getSimpleName());
      }
    }
    this.weights = weights;
    this.kernels = kernels;
  }

  /** A weight with its adapter. */
  public Matrix get(WeightSpec spec) {
    Matrix made = matrix;
    if (made == null || !spec.name().equals(held)) {
      matrix = null; // so that two never exist
      made = merge(spec, weights.get(spec.name()).value());
      matrix = made;
      held = spec.name();
    }
    return made;
  }

  /** The numbers of a weight, for a writer that asks for one weight after the other. */
  public Values values(WeightSpec spec) {
    return (at, to, count) ->
        Item.of(get(spec), spec.shape(), Format.F32).values().fill(at, to, count);
  }

  private Matrix merge(WeightSpec spec, Matrix base) {
    Adapter adapter = spec.layout() == null ? null : weights.adapters().get(spec.site());
    if (!(adapter instanceof Lora lora)) {
      return base;
    }
    Tensor sum = Tensor.zeros(base.rows(), base.cols());
    base.read(0, 0, base.rows(), base.cols(), sum.data(), 0, base.cols());
    Tensor a = lora.a().value();
    Tensor b = lora.b().value();
    if (spec.layout() == Layout.OUT_IN) {
      kernels.productNN(lora.scale(), b, a, 1, sum);
    } else {
      kernels.productTN(lora.scale(), a, Transposed.copy(b), 1, sum);
    }
    return sum;
  }
}
