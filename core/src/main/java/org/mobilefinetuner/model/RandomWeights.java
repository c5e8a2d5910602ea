package org.mobilefinetuner.model;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.SafetensorsWriter.Values;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Parallel;

/**
 * The weights of a model that has learned nothing: normal around each weight's mean, as the
 * architecture's authors initialise it.
 *
 * <p>A value is a function of the seed, the weight's name and its place in it, so the same seed
 * gives the same model on every machine and for any number of threads. One weight is produced after
 * the other: a model larger than the memory can be written.
 */
public final class RandomWeights {
  private static final int BLOCK = 1 << 20;
  private static final int PART = 1 << 14; // of a block: what one thread fills at a time

  private final long seed;
  private final Parallel team;
  private final float[] block = new float[BLOCK];
  private @Nullable WeightSpec filled;
  private long start;

  public RandomWeights(long seed, Parallel team) {
    this.seed = seed;
    this.team = team;
  }

  /** The values of one weight; at most one weight may be read at a time. */
  public Values of(WeightSpec spec) {
    return (at, to, count) -> {
      for (int done = 0; done < count; ) {
        long wanted = (at + done) / BLOCK * BLOCK;
        if (!spec.equals(filled) || wanted != start) {
          fill(spec, wanted);
        }
        int from = (int) (at + done - start);
        int n = Math.min(count - done, BLOCK - from);
        System.arraycopy(block, from, to, done, n);
        done += n;
      }
    };
  }

  private void fill(WeightSpec spec, long from) {
    long key = key(spec.name());
    int count = (int) Math.min(BLOCK, spec.size() - from);
    team.run(
        (count + PART - 1) / PART,
        (part, thread) -> {
          for (int i = part * PART; i < Math.min(count, (part + 1) * PART); i++) {
            double draw = spec.deviation() == 0 ? 0 : Draws.gaussian(Draws.key(key, from + i));
            block[i] = (float) (spec.mean() + spec.deviation() * draw);
          }
        });
    filled = spec;
    start = from;
  }

  private long key(String name) {
    long key = seed;
    for (int i = 0; i < name.length(); i++) {
      key = Draws.key(key, name.charAt(i));
    }
    return key;
  }
}
