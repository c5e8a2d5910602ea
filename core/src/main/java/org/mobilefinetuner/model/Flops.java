package org.mobilefinetuner.model;

import java.util.Set;
import org.mobilefinetuner.kernel.AttentionShape;

/**
 * The arithmetic of one training step, counted from the shapes: two operations per multiply-add of
 * every matrix product that must be made. Norms, activations and updates are left out, and so is
 * what a step computes again because it did not keep it.
 */
public final class Flops {
  private Flops() {}

  /**
   * @param lowest the first segment with anything trainable
   * @param full whether all weights are trained
   * @param adapted the sites with an adapter of rank {@code rank}
   * @param tokens of the step, in sequences of {@code length} tokens
   */
  public static double ofStep(
      Model model,
      int lowest,
      boolean full,
      Set<String> adapted,
      int rank,
      long tokens,
      int length) {
    double sum = 0;
    for (WeightSpec spec : model.weights()) {
      if (spec.layout() == null) {
        continue;
      }
      int segment = segmentOf(model, spec.name());
      double product = 2.0 * tokens * spec.in() * spec.out();
      int backward = (segment > lowest || full ? 1 : dxInLowest(model, lowest, spec, adapted));
      sum += product * (1 + backward + (full ? 1 : 0));
      if (adapted.contains(spec.site())) {
        sum += 3 * 2.0 * tokens * rank * (spec.in() + spec.out());
      }
    }
    double head = 2.0 * tokens * model.width() * model.vocabulary();
    sum += head * (full ? 3 : 2);
    for (AttentionShape shape : model.attention()) {
      double scores = 2.0 * tokens * seen(shape.window(), length) * shape.heads() * shape.width();
      sum += scores * (2 + 4); // q·kᵀ and p·v forward; by q, k, v and p backward
    }
    return sum;
  }

  /** How many tokens a token sees, on average over a sequence. */
  private static double seen(int window, int length) {
    double full = Math.max(0, length - window); // tokens that see a whole window
    double rest = length - full; // the others see 1, 2, 3, ...
    return (full * window + rest * (rest + 1) / 2) / length;
  }

  private static int segmentOf(Model model, String weight) {
    for (int i = 1; i < model.segments().size() - 1; i++) {
      if (weight.startsWith(model.segments().get(i).name() + ".")) {
        return i;
      }
    }
    return model.segments().size() - 1;
  }

  /** Inside the lowest trained segment no gradient flows to what lies before the first adapter. */
  private static int dxInLowest(Model model, int lowest, WeightSpec spec, Set<String> adapted) {
    if (segmentOf(model, spec.name()) < lowest) {
      return 0;
    }
    boolean seen = false;
    for (WeightSpec other : model.weights()) {
      if (segmentOf(model, other.name()) == lowest && other.layout() != null) {
        if (other.name().equals(spec.name())) {
          return seen ? 1 : 0;
        }
        seen |= adapted.contains(other.site());
      }
    }
    return 1;
  }
}
