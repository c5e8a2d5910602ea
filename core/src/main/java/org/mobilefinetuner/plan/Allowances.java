package org.mobilefinetuner.plan;

import java.util.List;
import org.mobilefinetuner.model.FrozenFormat;

/**
 * What a plan may choose that changes the bits of a run.
 *
 * @param microBatches whether a micro-batch may be made smaller than asked for
 * @param bases the formats that a frozen base may have, the first that has a plan is taken; {@link
 *     FrozenFormat#AS_IS} is what was asked for
 */
public record Allowances(boolean microBatches, List<FrozenFormat> bases) {
  /** No bit may change. */
  public static final Allowances NOTHING = new Allowances(false, List.of(FrozenFormat.AS_IS));

  /** Smaller micro-batches, and more of them. */
  public static final Allowances MICRO_BATCHES = new Allowances(true, List.of(FrozenFormat.AS_IS));

  public Allowances {
    bases = List.copyOf(bases);
    if (bases.isEmpty()) {
      throw new IllegalArgumentException("expected a format for the base, found none");
    }
  }
}
