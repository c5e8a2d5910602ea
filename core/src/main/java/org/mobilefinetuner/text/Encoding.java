package org.mobilefinetuner.text;

import java.util.Arrays;

/**
 * The tokens of a text and where in it each came from.
 *
 * <p>Offsets count UTF-16 units of the Java string, so that {@code text.substring(start(i),
 * end(i))} is what token i stands for. A token that holds only some of a character's bytes stands
 * for the whole character; a special token that the tokenizer added itself has the offsets (0, 0).
 */
public final class Encoding {
  private final int[] ids;
  private final int[] starts;
  private final int[] ends;

  Encoding(int[] ids, int[] starts, int[] ends) {
    this.ids = ids;
    this.starts = starts;
    this.ends = ends;
  }

  /** The number of tokens. */
  public int size() {
    return ids.length;
  }

  /** The token ids, in a new array. */
  public int[] ids() {
    return ids.clone();
  }

  /** The id of token {@code index}. */
  public int id(int index) {
    return ids[index];
  }

  /** Where token {@code index} begins in the text. */
  public int start(int index) {
    return starts[index];
  }

  /** Where token {@code index} ends in the text, exclusive. */
  public int end(int index) {
    return ends[index];
  }

  @Override
  public String toString() {
    return "Encoding" + Arrays.toString(ids);
  }
}
