package org.mobilefinetuner.train;

import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.optim.Clipping;
import org.mobilefinetuner.optim.Optimizer;
import org.mobilefinetuner.tensor.Numbers;

/** Sums all gradients, clips them by their global norm, and updates all weights. */
final class SecondSweep implements Updates {
  private final Kernels kernels;
  private final List<Parameter> parameters;
  private final GradientStore gradients;
  private final Optimizer optimizer;
  private final float maxNorm;
  private final GradientAudit audit = new GradientAudit();
  private int number;
  private float rate;
  private DoubleSupplier loss = () -> Double.NaN;

  SecondSweep(
      Kernels kernels,
      List<Parameter> parameters,
      GradientStore gradients,
      Optimizer optimizer,
      float maxNorm) {
    this.kernels = kernels;
    this.parameters = parameters;
    this.gradients = gradients;
    this.optimizer = optimizer;
    this.maxNorm = maxNorm;
  }

  @Override
  public GradientSink sink() {
    return gradients;
  }

  @Override
  public void begin(int newNumber, float newRate, DoubleSupplier newLoss) {
    number = newNumber;
    rate = newRate;
    loss = newLoss;
    gradients.clear();
  }

  @Override
  public double end() {
    double norm = Clipping.globalNorm(kernels, parameters, gradients);
    double found = loss.getAsDouble();
    if (!(Math.abs(found) <= Double.MAX_VALUE && norm <= Double.MAX_VALUE)) {
      GradientAudit.nameInfinite(number + 1, found, parameters, gradients);
    }
    audit.inspect(parameters, gradients, rate);
    Optimizer.Update update = optimizer.begin(rate, Clipping.factor(norm, maxNorm));
    for (Parameter p : parameters) {
      @Nullable Numbers gradient = gradients.numbers(p);
      if (gradient != null) {
        update.apply(p, gradient);
      }
    }
    return norm;
  }

  @Override
  public Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public void passed(float made) {
    audit.passed(made);
  }
}
