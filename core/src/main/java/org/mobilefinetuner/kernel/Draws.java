package org.mobilefinetuner.kernel;

/**
 * Random numbers without state: each is a function of what it is for.
 *
 * <p>The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable
 * pseudorandom number generators, 2014).
 */
public final class Draws {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Draws() {}

  /** Spreads the bits of {@code z}: a bijection without visible structure. */
  public static long mix(long z) {
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** A key for {@code part} under {@code key}. */
  public static long key(long key, long part) {
    return mix(key + GOLDEN * (part + 1));
  }

  /** Uniform in [0, 1), a multiple of 2⁻²⁴. */
  public static float uniform(long key) {
    return (mix(key) >>> 40) * 0x1p-24f;
  }

  /** Normal with mean 0 and deviation 1 (Box and Muller). */
  public static double gaussian(long key) {
    double u = ((mix(key) >>> 11) + 0.5) * 0x1p-53;
    double v = ((mix(key + GOLDEN) >>> 11) + 0.5) * 0x1p-53;
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  /** Whether dropout keeps element {@code i} of a token. */
  public static boolean keeps(long key, long tokenKey, int i, float rate) {
    return uniform((key ^ tokenKey) + GOLDEN * i) >= rate;
  }
}
