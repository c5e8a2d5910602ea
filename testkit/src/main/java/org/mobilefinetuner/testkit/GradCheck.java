package org.mobilefinetuner.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.mobilefinetuner.autograd.Frozen;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.GradientWriter;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Arena;
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

  private enum Role {
    INPUT,
    WEIGHT, // frozen or trainable
    PARAMETER // always trainable
  }

  private record Operand(Role role, Tensor value) {}

  private static final float STEP = 0x1p-5f;
  private static final float GRID = 0x1p12f; // operands are multiples of 2⁻¹²: moves are exact
  private static final long[] TOKEN_KEYS = tokenKeys(4096);

  private final Map<String, Operand> operands = new LinkedHashMap<>();
  private final Arena arena = Arena.poisoned();
  private Kernels kernels = new ScalarKernels();
  private double tolerance = 1e-4;
  private long seed = 1;

  /** Adds an input: random, normal. */
  public GradCheck input(String name, int... shape) {
    return operand(name, Role.INPUT, shape);
  }

  /** Adds a weight, which will be frozen in some runs: random, normal. */
  public GradCheck weight(String name, int... shape) {
    return operand(name, Role.WEIGHT, shape);
  }

  /** Adds a weight that is always trainable, as those of adapters are: random, normal. */
  public GradCheck parameter(String name, int... shape) {
    return operand(name, Role.PARAMETER, shape);
  }

  private GradCheck operand(String name, Role role, int... shape) {
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

  /**
   * Runs all comparisons.
   *
   * @return the largest error of each operand's gradient, as a share of its largest element
   * @throws AssertionError if one of them fails
   */
  public Map<String, Double> check(Operation operation) {
    Map<String, float[]> gradients = gradients(operation, operands.keySet());
    Map<String, Double> errors = compare("", operation, gradients);
    Operation twice = twice(operation);
    compare("applied twice: ", twice, gradients(twice, operands.keySet()));
    checkNeeds(operation, gradients);
    return errors;
  }

  private void checkNeeds(Operation operation, Map<String, float[]> all) {
    List<String> names = List.copyOf(operands.keySet());
    for (int choice = 0; choice < 1 << names.size(); choice++) {
      Set<String> wanted = new HashSet<>();
      for (int i = 0; i < names.size(); i++) {
        Role role = operand(names.get(i)).role;
        if ((choice >> i & 1) == 1 || role == Role.PARAMETER) {
          wanted.add(names.get(i));
        }
      }
      gradients(operation, wanted)
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
      String what, Operation operation, Map<String, float[]> gradients) {
    Map<String, Double> errors = new LinkedHashMap<>();
    operands.forEach(
        (name, operand) -> {
          float[] gradient = Objects.requireNonNull(gradients.get(name), name);
          double[] slopes = slopes(operation, operand.value);
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
  private double[] slopes(Operation operation, Tensor operand) {
    double[] slopes = new double[operand.size()];
    float[] values = operand.data();
    for (int i = 0; i < slopes.length; i++) {
      float here = values[i];
      values[i] = here + STEP;
      double near = project(operation);
      values[i] = here - STEP;
      near -= project(operation);
      values[i] = here + 2 * STEP;
      double far = project(operation);
      values[i] = here - 2 * STEP;
      far -= project(operation);
      values[i] = here;
      slopes[i] = (8 * near - far) / (12 * STEP);
    }
    return slopes;
  }

  private double project(Operation operation) {
    try (Tape tape = Tape.forgetting(arena, kernels, randomness())) {
      Tensor y = operation.apply(tape, operands(value -> value, Set.of()));
      float[] projection = projection(y);
      double sum = 0;
      for (int i = 0; i < y.size(); i++) {
        sum += (double) projection[i] * y.data()[y.offset() + i];
      }
      return sum;
    }
  }

  /** The gradients that the operation's own backward pass gives to those {@code wanted}. */
  private Map<String, float[]> gradients(Operation operation, Set<String> wanted) {
    Collector sink = new Collector();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    try (Tape tape = Tape.recording(arena, kernels, sink, randomness())) {
      operands.forEach(
          (name, operand) -> {
            if (operand.role == Role.INPUT) {
              Tensor outside = Tensor.zeros(operand.value.shape()).copyFrom(operand.value);
              inputs.put(name, outside);
              if (wanted.contains(name)) {
                tape.wantGradient(outside);
              }
            }
          });
      var inner = new IdentityHashMap<Tensor, Tensor>();
      inputs.forEach((name, x) -> inner.put(operand(name).value, leaf(tape, x)));
      Operands run = operands(value -> inner.getOrDefault(value, value), wanted);
      Tensor y = operation.apply(tape, run);
      if (tape.needs(y) == wanted.isEmpty()) {
        throw new AssertionError(
            "expected the output to need a gradient if, and only if, an operand does; wanted are "
                + wanted);
      }
      if (wanted.isEmpty()) {
        return Map.of();
      }
      Tensor loss = projected(tape, y);
      tape.rest();
      tape.backward(loss, tape.like(loss).fill(1));
      Map<String, float[]> gradients = new LinkedHashMap<>();
      for (String name : wanted) {
        Tensor input = inputs.get(name);
        Tensor gradient = input == null ? sink.of(name) : gradientOf(tape, name, input);
        gradients.put(
            name,
            Arrays.copyOfRange(
                gradient.data(), gradient.offset(), gradient.offset() + gradient.size()));
      }
      if (!wanted.containsAll(sink.names())) {
        throw new AssertionError(
            "expected gradients of " + wanted + " only, found those of " + sink.names());
      }
      return gradients;
    }
  }

  private static Tensor gradientOf(Tape tape, String name, Tensor input) {
    try {
      return tape.gradientOf(input);
    } catch (IllegalStateException e) {
      throw new AssertionError(name + ": expected a gradient, the operation gave it none", e);
    }
  }

  private Operand operand(String name) {
    return Objects.requireNonNull(operands.get(name), name);
  }

  private Operands operands(Function<Tensor, Tensor> input, Set<String> trainable) {
    Operands run = new Operands();
    operands.forEach(
        (name, operand) -> {
          if (operand.role == Role.INPUT) {
            run.put(name, input.apply(operand.value));
          } else if (operand.role == Role.PARAMETER || trainable.contains(name)) {
            run.put(new Parameter(name, operand.value));
          } else {
            run.put(new Frozen(name, operand.value));
          }
        });
    return run;
  }

  /** A copy of {@code x} on the tape: unlike a value from outside, it must be kept to be read. */
  private static Tensor leaf(Tape tape, Tensor x) {
    Kernels k = tape.kernels();
    Tensor y = tape.like(x).copyFrom(x);
    return tape.record(
        y, tape.needs(x), dy -> tape.gradient(x, (dx, beta) -> k.axpy(1, dy, beta, dx)));
  }

  /** The last operation: it does not keep y, whose values are gone before the backward pass. */
  private Tensor projected(Tape tape, Tensor y) {
    Kernels k = tape.kernels();
    Tensor r = Tensor.of(projection(y), y.shape());
    return tape.record(
        tape.take(1).fill(0), true, dy -> tape.gradient(y, (d, beta) -> k.axpy(1, r, beta, d)));
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

  private float[] projection(Tensor y) {
    float[] values = new float[y.size()];
    long key = Draws.key(seed, -1);
    for (int i = 0; i < values.length; i++) {
      values[i] = values.length == 1 ? 1 : 2 * Draws.uniform(Draws.key(key, i)) - 1;
    }
    return values;
  }

  private Tape.Randomness randomness() {
    return new Tape.Randomness(Draws.key(seed, -2), TOKEN_KEYS);
  }

  private static long[] tokenKeys(int count) {
    long[] keys = new long[count];
    for (int t = 0; t < count; t++) {
      keys[t] = Draws.key(3, t);
    }
    return keys;
  }

  /** Gradients of weights, in storage that is NaN before it is written. */
  private static final class Collector implements GradientSink {
    private final Map<String, Tensor> gradients = new LinkedHashMap<>();

    @Override
    public void add(Parameter parameter, GradientWriter writer) {
      Tensor gradient = gradients.get(parameter.name());
      if (gradient != null) {
        writer.write(gradient, 1);
        return;
      }
      gradient = Tensor.zeros(parameter.value().shape()).fill(Float.NaN);
      gradients.put(parameter.name(), gradient);
      writer.write(gradient, 0);
    }

    Tensor of(String name) {
      Tensor gradient = gradients.get(name);
      if (gradient == null) {
        throw new AssertionError(name + ": expected a gradient, the operation gave it none");
      }
      return gradient;
    }

    List<String> names() {
      return new ArrayList<>(gradients.keySet());
    }
  }
}
