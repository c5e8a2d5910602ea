package org.mobilefinetuner.optim;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Numbers;

/**
 * The norm of all gradients together: their squares summed in float64 piece by piece, in the order
 * of the parameters, in whatever order they come.
 */
public final class GlobalNorm {
  private final Kernels kernels;
  private final List<Parameter> parameters;
  private final IdentityHashMap<Parameter, List<Double>> squares = new IdentityHashMap<>();

  public GlobalNorm(Kernels kernels, List<Parameter> parameters) {
    this.kernels = kernels;
    this.parameters = parameters;
  }

  /**
   * Takes the gradient of a parameter into account.
   *
   * @return the sum of its squares, which is finite if all of it is
   */
  public double add(Parameter parameter, Numbers gradient) {
    List<Double> pieces = new ArrayList<>();
    double sum = 0;
    for (int at = 0; at < gradient.size(); at += Numbers.PIECE) {
      double square = kernels.squaredNorm(gradient.load(at));
      pieces.add(square);
      sum += square;
    }
    squares.put(parameter, pieces);
    return sum;
  }

  /** The norm of all that were added. */
  public double value() {
    double sum = 0;
    for (Parameter p : parameters) {
      for (double square : squares.getOrDefault(p, List.of())) {
        sum += square;
      }
    }
    return Math.sqrt(sum);
  }
}
