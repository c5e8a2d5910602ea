package org.mobilefinetuner.export;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.Adapter;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.io.SafetensorsWriter.Values;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The weights of a model with its adapters merged into them.
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
   * @param weights frozen, with adapters or none
   */
  public MergedWeights(LoadedWeights weights, Kernels kernels) {
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
    if (spec.layout() == null || adapter == null) {
      return base;
    }
    Tensor merged = Tensor.zeros(base.rows(), base.cols());
    base.read(0, 0, base.rows(), base.cols(), merged.data(), 0, base.cols());
    adapter.merge(kernels, spec.layout(), merged);
    return merged;
  }
}
