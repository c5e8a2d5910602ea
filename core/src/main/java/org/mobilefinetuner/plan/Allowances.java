package org.mobilefinetuner.plan;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.tensor.Format;

/**
 * What a plan may choose that changes the bits of a run.
 *
 * @param microBatches whether a micro-batch may be made smaller than asked for
 * @param boundaries the formats that the inputs of segments may have: F32, BF16 or either
 * @param bases the formats that a frozen base may have, the first that has a plan is taken; {@link
 *     FrozenFormat#AS_IS} is what was asked for
 */
public record Allowances(boolean microBatches, Set<Format> boundaries, List<FrozenFormat> bases) {
  /** No bit may change. */
  public static final Allowances NOTHING =
      new Allowances(false, EnumSet.of(Format.F32), List.of(FrozenFormat.AS_IS));

  /** Smaller micro-batches, and more of them. */
  public static final Allowances MICRO_BATCHES =
      new Allowances(true, EnumSet.of(Format.F32), List.of(FrozenFormat.AS_IS));

  public Allowances {
    boundaries = Collections.unmodifiableSet(EnumSet.copyOf(boundaries));
    bases = List.copyOf(bases);
    if (bases.isEmpty() || boundaries.contains(Format.F16)) {
      throw new IllegalArgumentException(
          "expected boundaries of F32 or BF16 and a base, found " + boundaries + " and " + bases);
    }
  }
}
