package org.mobilefinetuner.optim;

import java.util.List;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Tensor;

/** Clipping by the global norm (Pascanu et al.: arXiv 1211.5063), as PyTorch does it. */
public final class Clipping {
  private Clipping() {}

  /** The norm of all gradients together, summed in float64 in the order of the parameters. */
  public static double globalNorm(
      Kernels kernels, List<Parameter> parameters, Gradients gradients) {
    double sum = 0;
    for (Parameter p : parameters) {
      Tensor gradient = gradients.of(p);
      if (gradient != null) {
        sum += kernels.squaredNorm(gradient);
      }
    }
    return Math.sqrt(sum);
  }

  /** What gradients of that norm are multiplied with; a {@code max} of 0 does not clip. */
  public static float factor(double norm, float max) {
    return max <= 0 ? 1 : (float) Math.min(1, max / (norm + 1e-6));
  }
}
