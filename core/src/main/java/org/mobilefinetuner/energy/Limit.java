package org.mobilefinetuner.energy;

/**
 * How fast a run may be.
 *
 * @param rate share of full speed: 1 for no limit, 0 to wait
 * @param stop whether the run is to save a checkpoint and end
 * @param policy whose limit it is
 * @param reason in words, with the values that were seen; empty without a limit
 */
public record Limit(double rate, boolean stop, String policy, String reason) {
  /** The slowest that a run goes without waiting altogether. */
  public static final double SLOWEST = 0.05;

  /** No limit. */
  static final Limit NONE = new Limit(1, false, "none", "");

  public Limit {
    if (!(rate >= 0 && rate <= 1)) {
      throw new IllegalArgumentException("expected a rate from 0 to 1, found " + rate);
    }
  }

  static Limit slow(double rate, String policy, String reason) {
    return new Limit(rate, false, policy, reason);
  }

  static Limit waiting(String policy, String reason) {
    return new Limit(0, false, policy, reason);
  }

  static Limit stop(String policy, String reason) {
    return new Limit(0, true, policy, reason);
  }

  boolean stricterThan(Limit other) {
    return stop != other.stop ? stop : rate < other.rate;
  }

  /** Whether it is worth telling to somebody who knows of {@code told}. */
  boolean differs(Limit told) {
    return stop != told.stop
        || !policy.equals(told.policy)
        || (rate == 0) != (told.rate == 0)
        || Math.abs(rate - told.rate) >= 0.1;
  }
}
