package org.mobilefinetuner.kernel;

/**
 * Cuts work into blocks that become smaller towards its end, as they are handed out: few blocks,
 * and nevertheless threads that end at nearly the same time, on cores of different speeds as well.
 *
 * <p>A block is two thirds of what each thread would get if the rest were shared out equally.
 * Source: Polychronopoulos and Kuck, Guided Self-Scheduling, IEEE Transactions on Computers C-36,
 * 1987.
 *
 * @param size of the work, in what is never divided
 * @param threads that take blocks; a single one gets blocks of {@code most}
 * @param most the size of the largest block
 */
public record Blocks(int size, int threads, int most) {
  public Blocks {
    if (size < 0 || threads < 1 || most < 1) {
      throw new IllegalArgumentException(
          "expected no negative size, a thread and a block of 1 at least, found a size of "
              + size
              + ", "
              + threads
              + " threads and blocks of at most "
              + most);
    }
  }

  /** The number of blocks. */
  public int count() {
    int count = 0;
    for (int at = 0; at < size; at += sizeAt(at)) {
      count++;
    }
    return count;
  }

  /** Where {@code block} begins, or for {@code block == count()} the end. */
  public int start(int block) {
    int at = 0;
    for (int i = 0; i < block; i++) {
      at += sizeAt(at);
    }
    return at;
  }

  private int sizeAt(int at) {
    int left = size - at;
    int fair = threads == 1 ? left : (2 * left + 3 * threads - 1) / (3 * threads);
    return Math.min(fair, most);
  }
}
