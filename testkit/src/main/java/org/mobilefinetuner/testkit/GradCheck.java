package org.mobilefinetuner.testkit;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A comparison of an operation's backward pass with central differences of its forward pass.
 *
 * <pre>{@code
 * new GradCheck()
 *     .input("x", 5, 8)
 *     .weight("w", 6, 8)
 *     .check((tape, o) -> Linear.apply(tape, o.input("x"), o.weight("w")));
 * }</pre>
 *
 * <p>The operation's output is projected on random numbers; an output of one value is a loss and
 * has a gradient of 1. Then:
 *
 * <ol>
 *   <li>every element of every input and weight is moved, and the change of the projection, summed
 *       in float64, is compared with the gradient;
 *   <li>the same for the operation applied twice to the same operands, so that gradients are added
 *       to what is there;
 *   <li>for every choice of what needs a gradient, the gradients that are wanted have the same
 *       bits, nothing else gets one, and nothing is recorded where none is wanted.
 * </ol>
 *
 * <p>All of it happens in a poisoned arena, and inputs and outputs are values of the tape: a value
 * that the backward pass reads without having kept it, and a gradient that is added to before it is
 * written, show as NaN.
 *
 * <p>Differences use four points, (8(f(h) - f(-h)) - (f(2h) - f(-2h)))/12h with h = 1/32: their
 * error is h⁴/30 of the fifth derivative, so that h may be large and the rounding of float32 small.
 */
public final class GradCheck {
  /** The forward pass of the operation under test. */
  @FunctionalInterface
  public interface Operation {
    Tensor apply(Tape tape, Operands operands);
  }

  private static final float STEP = 0x1p-5f;
  private static final float GRID = 0x1p12f; // operands are multiples of 2⁻¹²: moves are exact

  private final Map<String, Operand> operands = new LinkedHashMap<>();
  private Kernels kernels = new ScalarKernels();
  private double tolerance = 1e-4;
  private Pieces pieces = Pieces.LARGE;
  private long seed = 1;

  /** Adds an input: random, normal. */
  public GradCheck input(String name, int... shape) {
    return operand(name, Operand.Role.INPUT, shape);
  }

  /** Adds a weight, which will be frozen in some runs: random, normal. */
  public GradCheck weight(String name, int... shape) {
    return operand(name, Operand.Role.WEIGHT, shape);
  }

  /** Adds a weight that is always trainable, as those of adapters are: random, normal. */
  public GradCheck parameter(String name, int... shape) {
    return operand(name, Operand.Role.PARAMETER, shape);
  }

  private GradCheck operand(String name, Operand.Role role, int... shape) {
    Tensor value = Tensor.zeros(shape);
    long key = Draws.key(seed, operands.size());
    for (int i = 0; i < value.size(); i++) {
      value.data()[i] = (float) (Math.rint(Draws.gaussian(Draws.key(key, i)) * GRID) / GRID);
    }
    if (operands.put(name, new Operand(role, value)) != null) {
      throw new IllegalArgumentException("there are two operands called " + name);
    }
    return this;
  }

  /** Uses another backend than the scalar one. */
  public GradCheck kernels(Kernels kernels) {
    this.kernels = kernels;
    return this;
  }

  /** Uses other random numbers; before the first operand. */
  public GradCheck seed(long seed) {
    this.seed = seed;
    return this;
  }

  /**
   * Allows the largest difference of a gradient to be this share of its largest element; 10⁻⁴ if
   * nothing is said.
   */
  public GradCheck tolerance(double tolerance) {
    this.tolerance = tolerance;
    return this;
  }

  /** Says how an operation that can work piece by piece is to do so. */
  public GradCheck pieces(Pieces pieces) {
    this.pieces = pieces;
    return this;
  }

  /**
   * Runs all comparisons.
   *
   * @return the largest error of each operand's gradient, as a share of its largest element
   * @throws AssertionError if one of them fails
   */
  public Map<String, Double> check(Operation operation) {
    Trial trial = new Trial(operands, kernels, pieces, seed);
    Map<String, float[]> gradients = trial.gradients(operation, operands.keySet());
    Map<String, Double> errors = compare("", trial, operation, gradients);
    Operation twice = twice(operation);
    compare("applied twice: ", trial, twice, trial.gradients(twice, operands.keySet()));
    checkNeeds(trial, operation, gradients);
    return errors;
  }

  private void checkNeeds(Trial trial, Operation operation, Map<String, float[]> all) {
    List<String> names = List.copyOf(operands.keySet());
    for (int choice = 0; choice < 1 << names.size(); choice++) {
      Set<String> wanted = new HashSet<>();
      for (int i = 0; i < names.size(); i++) {
        Operand operand = Objects.requireNonNull(operands.get(names.get(i)));
        if ((choice >> i & 1) == 1 || operand.role() == Operand.Role.PARAMETER) {
          wanted.add(names.get(i));
        }
      }
      trial
          .gradients(operation, wanted)
          .forEach(
              (name, gradient) -> {
                if (!Arrays.equals(gradient, all.get(name))) {
                  throw new AssertionError(
                      name + ": expected the same gradient if only " + wanted + " need one");
                }
              });
    }
  }

  private Map<String, Double> compare(
      String what, Trial trial, Operation operation, Map<String, float[]> gradients) {
    Map<String, Double> errors = new LinkedHashMap<>();
    operands.forEach(
        (name, operand) -> {
          float[] gradient = Objects.requireNonNull(gradients.get(name), name);
          double[] slopes = slopes(trial, operation, operand.value());
          double largest = 0;
          double error = 0;
          int worst = 0;
          for (int i = 0; i < slopes.length; i++) {
            double difference = Math.abs(gradient[i] - slopes[i]);
            if (!(difference <= error)) {
              error = difference;
              worst = i;
            }
            if (Double.isNaN(difference)) {
              throw new AssertionError(
                  what
                      + name
                      + ": the gradient's element "
                      + i
                      + " is "
                      + gradient[i]
                      + ": it reads a value that was not kept, or is added to before it is"
                      + " written");
            }
            largest = Math.max(largest, Math.abs(slopes[i]));
          }
          if (largest == 0) {
            throw new AssertionError(
                what + name + ": changes nothing in the result; choose operands that do");
          }
          if (!(error <= tolerance * largest)) {
            throw new AssertionError(
                what
                    + name
                    + ": element "
                    + worst
                    + ": expected the slope "
                    + slopes[worst]
                    + ", found the gradient "
                    + gradient[worst]
                    + "; the largest slope is "
                    + largest);
          }
          errors.put(name, error / largest);
        });
    return errors;
  }

  /** The slope of the projected output along each element of {@code operand}. */
  private static double[] slopes(Trial trial, Operation operation, Tensor operand) {
    double[] slopes = new double[operand.size()];
    float[] values = operand.data();
    for (int i = 0; i < slopes.length; i++) {
      float here = values[i];
      values[i] = here + STEP;
      double near = trial.value(operation);
      values[i] = here - STEP;
      near -= trial.value(operation);
      values[i] = here + 2 * STEP;
      double far = trial.value(operation);
      values[i] = here - 2 * STEP;
      far -= trial.value(operation);
      values[i] = here;
      slopes[i] = (8 * near - far) / (12 * STEP);
    }
    return slopes;
  }

  private static Operation twice(Operation operation) {
    return (tape, operands) -> {
      Kernels k = tape.kernels();
      Tensor a = operation.apply(tape, operands);
      Tensor b = operation.apply(tape, operands);
      Tensor y = tape.like(a);
      k.add(a, 1, b, y);
      return tape.record(
          y,
          tape.needs(a) || tape.needs(b),
          dy -> {
            tape.gradient(a, (d, beta) -> k.axpy(1, dy, beta, d));
            tape.gradient(b, (d, beta) -> k.axpy(1, dy, beta, d));
          });
    };
  }
}
