package org.mobilefinetuner.optim;

import java.util.List;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Numbers;

/** Clipping by the global norm (Pascanu et al.: arXiv 1211.5063), as PyTorch does it. */
public final class Clipping {
  private Clipping() {}

  /** The norm of all gradients together. */
  public static double globalNorm(
      Kernels kernels, List<Parameter> parameters, GradientStore gradients) {
    GlobalNorm norm = new GlobalNorm(kernels, parameters);
    for (Parameter p : parameters) {
      Numbers gradient = gradients.numbers(p);
      if (gradient != null) {
        norm.add(p, gradient);
      }
    }
    return norm.value();
  }

  /** What gradients of that norm are multiplied with; a {@code max} of 0 does not clip. */
  public static float factor(double norm, float max) {
    return max <= 0 ? 1 : (float) Math.min(1, max / (norm + 1e-6));
  }
}
