package org.mobilefinetuner.testkit;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.mobilefinetuner.autograd.Frozen;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.GradientWriter;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Runs an operation on operands, forward alone or backward too, in a poisoned arena. Its output is
 * projected on random numbers; an output of one value is a loss, whose gradient is 1.
 */
final class Trial {
  private static final long[] TOKEN_KEYS = tokenKeys(4096);

  private final Map<String, Operand> operands;
  private final Kernels kernels;
  private final long seed;
  private final Arena arena;

  Trial(Map<String, Operand> operands, Kernels kernels, Pieces pieces, long seed) {
    this.arena = Arena.poisoned(pieces);
    this.operands = operands;
    this.kernels = kernels;
    this.seed = seed;
  }

  /** The projected output, summed in float64. */
  double value(GradCheck.Operation operation) {
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
  Map<String, float[]> gradients(GradCheck.Operation operation, Set<String> wanted) {
    Collector sink = new Collector();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    try (Tape tape = Tape.recording(arena, kernels, sink, randomness())) {
      var onTape = new IdentityHashMap<Tensor, Tensor>();
      operands.forEach(
          (name, operand) -> {
            if (operand.role() == Operand.Role.INPUT) {
              Tensor outside = Tensor.zeros(operand.value().shape()).copyFrom(operand.value());
              if (wanted.contains(name)) {
                tape.wantGradient(outside);
              }
              inputs.put(name, outside);
              onTape.put(operand.value(), leaf(tape, outside));
            }
          });
      Tensor y =
          operation.apply(
              tape, operands(value -> Objects.requireNonNull(onTape.get(value)), wanted));
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
        gradients.put(name, copy(input == null ? sink.of(name) : gradientOf(tape, name, input)));
      }
      if (!wanted.containsAll(sink.gradients.keySet())) {
        throw new AssertionError(
            "expected gradients of " + wanted + " only, found those of " + sink.gradients.keySet());
      }
      return gradients;
    }
  }

  private static float[] copy(Tensor tensor) {
    return Arrays.copyOfRange(tensor.data(), tensor.offset(), tensor.offset() + tensor.size());
  }

  private static Tensor gradientOf(Tape tape, String name, Tensor input) {
    try {
      return tape.gradientOf(input);
    } catch (IllegalStateException e) {
      throw new AssertionError(name + ": expected a gradient, the operation gave it none", e);
    }
  }

  private Operands operands(UnaryOperator<Tensor> input, Set<String> trainable) {
    Operands run = new Operands();
    operands.forEach(
        (name, operand) -> {
          if (operand.role() == Operand.Role.INPUT) {
            run.put(name, input.apply(operand.value()));
          } else if (operand.role() == Operand.Role.PARAMETER || trainable.contains(name)) {
            run.put(new Parameter(name, operand.value()));
          } else {
            run.put(new Frozen(name, operand.value()));
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
  }
}
