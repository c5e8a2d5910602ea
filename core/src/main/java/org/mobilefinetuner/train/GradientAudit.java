package org.mobilefinetuner.train;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Checks that what should be trained is trained: after the first backward pass every trainable
 * tensor has a finite gradient that is not all zero.
 *
 * <p>LoRA's A is the exception of the first steps: while B is zero, A's gradient is. It must have
 * one in the first step after an update that moved B.
 */
final class GradientAudit {
  private boolean first = true;
  private boolean moved;
  private boolean audited;

  /** Looks at the gradients of a step, before its update with the given rate. */
  void inspect(List<Parameter> parameters, GradientStore gradients, float rate) {
    List<String> missing = new ArrayList<>();
    for (Parameter p : parameters) {
      if (misses(p, gradients.numbers(p))) {
        missing.add(p.name());
      }
    }
    end(missing, rate);
  }

  /** Whether a parameter should have another gradient in this step. */
  boolean misses(Parameter p, @Nullable Numbers gradient) {
    boolean a = p.name().endsWith("lora_A.weight");
    return !audited && (a ? moved : first) && isZero(gradient);
  }

  /**
   * Ends the inspection of a step with the given rate.
   *
   * @param missing the names of the parameters that should have had another gradient
   */
  void end(List<String> missing, float rate) {
    if (!missing.isEmpty()) {
      throw new TrainingFailedException(
          "expected a gradient for every trainable tensor, found none for "
              + missing.size()
              + ": "
              + String.join(", ", missing.subList(0, Math.min(5, missing.size())))
              + (missing.size() > 5 ? ", ..." : "")
              + "; nothing would be learned there, so the run stops and writes no result");
    }
    if (!audited) {
      passed(rate);
    }
  }

  /** A step with the given rate has been made, and found right. */
  void passed(float rate) {
    first = false;
    audited = moved;
    moved |= rate > 0;
  }

  /**
   * @throws TrainingFailedException naming the tensors whose gradient is not finite
   */
  static void nameInfinite(
      int step, double loss, List<Parameter> parameters, GradientStore gradients) {
    List<String> names = new ArrayList<>();
    for (Parameter p : parameters) {
      Numbers g = gradients.numbers(p);
      if (g != null && !isFinite(g)) {
        names.add(p.name());
      }
    }
    throw infinite(step, loss, names);
  }

  /** A step whose loss, or the gradients of the tensors with those names, are not finite. */
  static TrainingFailedException infinite(int step, double loss, List<String> names) {
    return new TrainingFailedException(
        "step "
            + step
            + ": expected finite numbers, found a loss of "
            + loss
            + (names.isEmpty()
                ? ""
                : " and infinite or NaN gradients in "
                    + names.size()
                    + " tensors, the first "
                    + names.get(0))
            + "; use a smaller learning rate, or look for damaged weights or data");
  }

  /**
   * Checks what a run has made: its last update is seen by no loss.
   *
   * @throws TrainingFailedException naming the first tensor that is not finite
   */
  static void requireFinite(List<Parameter> parameters) {
    for (Parameter p : parameters) {
      if (!isFinite(p.numbers())) {
        throw new TrainingFailedException(
            "expected finite weights after the last step, found others in "
                + p.name()
                + "; the run has diverged and nothing is saved: use a smaller learning rate");
      }
    }
  }

  private static boolean isZero(@Nullable Numbers numbers) {
    return numbers == null || all(numbers, value -> value == 0);
  }

  private static boolean isFinite(Numbers numbers) {
    return all(numbers, value -> Math.abs(value) <= Float.MAX_VALUE);
  }

  private static boolean all(Numbers numbers, Test test) {
    for (int at = 0; at < numbers.size(); at += Numbers.PIECE) {
      Tensor piece = numbers.load(at);
      for (int i = 0; i < piece.size(); i++) {
        if (!test.holds(piece.data()[piece.offset() + i])) {
          return false;
        }
      }
    }
    return true;
  }

  /** A property of a number. */
  private interface Test {
    boolean holds(float value);
  }
}
