package org.mobilefinetuner.energy;

/**
 * How much is to be rested for what was worked: for each second of work (1 − rate) / rate seconds,
 * so that on average the speed is {@code rate}. What a rest was too long or too short is carried
 * over to the next.
 */
final class DutyCycle {
  private double rate = 1;
  private double owedNanos;

  /** Sets the share of full speed for the work that follows, above 0. */
  void rate(double share) {
    rate = share;
  }

  void worked(long nanos) {
    owedNanos += nanos * ((1 - rate) / rate);
    if (rate == 1) {
      owedNanos = Math.max(0, owedNanos); // rest that was too long pays for no work at full speed
    }
  }

  /** The rest that is due now. */
  long due() {
    return Math.max(0, (long) owedNanos);
  }

  void rested(long nanos) {
    owedNanos -= nanos;
  }

  /** After a wait for another reason that was as long as it had to be. */
  void waited(long nanos) {
    owedNanos = owedNanos <= nanos ? Math.min(0, owedNanos) : owedNanos - nanos;
  }
}
