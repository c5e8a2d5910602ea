import java.util.ArrayList;
import java.util.List;

/**
 * A stream of random draws that is a function of its seed alone.
 *
 * <p>SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), written
 * out so that the generated files do not depend on a JDK's own generators.
 */
final class Draw {
  private long state;

  Draw(long seed) {
    state = seed;
  }

  private long next() {
    long z = state += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** An integer from 0 to {@code bound - 1}. */
  int below(int bound) {
    return (int) ((next() >>> 1) % bound);
  }

  boolean percent(int chance) {
    return below(100) < chance;
  }

  <E> E from(List<E> choices) {
    return choices.get(below(choices.size()));
  }

  /** The same elements in a random order (Fisher-Yates). */
  <E> List<E> shuffled(List<E> elements) {
    var shuffled = new ArrayList<>(elements);
    for (int i = shuffled.size() - 1; i > 0; i--) {
      shuffled.set(i, shuffled.set(below(i + 1), shuffled.get(i)));
    }
    return shuffled;
  }
}
