package org.mobilefinetuner.optim;

import java.util.List;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Numbers;

/** Clipping by the global norm (Pascanu et al.: arXiv 1211.5063), as PyTorch does it. */
public final class Clipping {
  private Clipping() {}

  /**
   * The norm of all gradients together, summed in float64 piece by piece, in the order of the
   * parameters.
   */
  public static double globalNorm(
      Kernels kernels, List<Parameter> parameters, GradientStore gradients) {
    double sum = 0;
    for (Parameter p : parameters) {
      Numbers gradient = gradients.numbers(p);
      for (int at = 0; gradient != null && at < gradient.size(); at += Numbers.PIECE) {
        sum += kernels.squaredNorm(gradient.load(at));
      }
    }
    return Math.sqrt(sum);
  }

  /** What gradients of that norm are multiplied with; a {@code max} of 0 does not clip. */
  public static float factor(double norm, float max) {
    return max <= 0 ? 1 : (float) Math.min(1, max / (norm + 1e-6));
  }
}
