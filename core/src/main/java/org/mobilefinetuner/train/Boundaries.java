package org.mobilefinetuner.train;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Bf16;
import org.mobilefinetuner.memory.Spill;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** The inputs of segments that are run again, between their two forward passes. */
final class Boundaries {
  private final Arena arena;
  private final @Nullable Spill spill;
  private final boolean packs;
  private final @Nullable Tensor[] aside;

  /**
   * @param segments how many there are
   */
  Boundaries(Arena arena, Keep keep, int segments) {
    this.arena = arena;
    this.spill = keep.spill();
    this.packs = keep.boundaries() == Format.BF16;
    this.aside = new Tensor[segments];
  }

  /**
   * Makes an input what it will be when it is fetched, so that both forward passes are of the same
   * function, and tapes that are kept are those of segments that are run again.
   */
  void round(Tensor input) {
    if (packs) {
      Bf16.round(input);
    }
  }

  /**
   * Puts an input, which was rounded, aside and gives it back to the arena.
   *
   * @return whether that was done; otherwise it stays where it is
   */
  boolean put(int segment, Tensor input) {
    if (packs) {
      Tensor packed = arena.take(Bf16.packed(input.size()));
      Bf16.pack(input, packed);
      arena.give(input);
      aside[segment] = packed;
      if (spill != null) {
        spill.write(segment, packed);
        give(segment);
      }
      return true;
    }
    if (spill != null) {
      spill.write(segment, input);
      arena.give(input);
    }
    return spill != null;
  }

  /** An input that was put aside, or null if it was not; the caller gives it back. */
  @Nullable Tensor fetch(int segment, int rows, int cols) {
    if (!packs && spill == null) {
      return null;
    }
    Tensor input = arena.take(rows, cols);
    if (!packs) {
      requireNonNull(spill).read(segment, input);
      return input;
    }
    if (spill != null) {
      aside[segment] = arena.take(Bf16.packed(input.size()));
      spill.read(segment, requireNonNull(aside[segment]));
    }
    Bf16.unpack(requireNonNull(aside[segment]), input);
    give(segment);
    return input;
  }

  private void give(int segment) {
    Tensor packed = aside[segment];
    if (packed != null) {
      aside[segment] = null;
      arena.give(packed);
    }
  }

  /** Gives back what is still held, also after a failure. */
  void close() {
    for (int i = 0; i < aside.length; i++) {
      give(i);
    }
  }
}
