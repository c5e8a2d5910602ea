package org.mobilefinetuner.train;

import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Spill;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/**
 * Where the values of a step are, none of which changes its bits but the format of kept inputs.
 *
 * @param arena what is computed
 * @param keep what is kept between the forward and the backward pass
 * @param sharding what is trained, its gradients and the optimizer's state
 */
public record StepMemory(Arena arena, Keep keep, Sharding sharding) {
  /** The time that values have taken to scratch files and back so far. */
  long transferNanos() {
    Spill spill = keep.spill();
    return sharding.nanos() + (spill == null ? 0 : spill.nanos());
  }

  /** Everything in memory. */
  public static StepMemory unlimited(Keep keep) {
    return new StepMemory(Arena.unbounded(), keep, Sharding.NONE);
  }
}
