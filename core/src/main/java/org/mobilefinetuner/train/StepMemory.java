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
 * @param atOnce whether weights are updated when the backward pass leaves their segment, so that
 *     their gradients need no place: only without clipping and with one micro-batch to a step
 */
public record StepMemory(Arena arena, Keep keep, Sharding sharding, boolean atOnce) {
  /** Weights are updated when all gradients are there. */
  public StepMemory(Arena arena, Keep keep, Sharding sharding) {
    this(arena, keep, sharding, false);
  }

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
