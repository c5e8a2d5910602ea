package org.mobilefinetuner.kernel;

/**
 * The constants of an attention operation.
 *
 * @param heads query heads
 * @param kvHeads key and value heads; query head i uses number i / (heads / kvHeads)
 * @param width h, the width of one head
 * @param scale what a score is multiplied with, usually 1/√h
 * @param window how many tokens a token sees, itself included; {@link #UNLIMITED} for all before it
 */
public record AttentionShape(int heads, int kvHeads, int width, float scale, int window) {
  public static final int UNLIMITED = Integer.MAX_VALUE;

  public AttentionShape {
    if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0 || width < 1 || window < 1) {
      throw new IllegalArgumentException(
          "expected heads a multiple of kvHeads, all positive, found "
              + heads
              + ", "
              + kvHeads
              + ", width "
              + width
              + ", window "
              + window);
    }
  }

  /** Plain multi-head attention with scale 1/√width. */
  public static AttentionShape causal(int heads, int width) {
    return new AttentionShape(heads, heads, width, (float) (1 / Math.sqrt(width)), UNLIMITED);
  }

  /** Query heads that share one key and value head. */
  public int group() {
    return heads / kvHeads;
  }

  /** The first token that token {@code i} of a sequence sees. */
  public int firstSeen(int i) {
    return window > i ? 0 : i - window + 1;
  }
}
