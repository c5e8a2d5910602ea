package org.mobilefinetuner.energy;

import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * Keeps a temperature below a ceiling.
 *
 * <p>Up to the target a run goes at full speed; from there to the ceiling its rate falls in
 * proportion, so that heating and cooling find a balance in between (a proportional controller,
 * with the rise until the next look added to what is seen). The rate falls at once and rises in
 * small parts, and a run that has reached the ceiling waits until it has cooled down by a third of
 * that band: without this hysteresis it would be switched on and off.
 */
public final class TemperatureCeiling implements PowerPolicy {
  /** How far below the ceiling the target is where nobody says otherwise, in °C. */
  public static final double BAND = 3;

  private static final double RISING_SHARE = 0.25;
  private static final double MOST_AHEAD = 1;

  /** Whose temperature. */
  public enum Of {
    /** The battery's, or where it has no sensor the processor's. */
    DEVICE("temperature"),
    /** The hottest processor's. */
    PROCESSOR("processor-temperature");

    private final String policy;

    Of(String policy) {
      this.policy = policy;
    }

    private OptionalDouble celsius(DeviceReading reading) {
      boolean processor = this == PROCESSOR || reading.batteryCelsius().isEmpty();
      return processor ? reading.cpuCelsius() : reading.batteryCelsius();
    }
  }

  private final Of of;
  private final double target;
  private final double ceiling;
  private double rate = 1;
  private boolean hot;
  private double before = Double.NaN;
  private long beforeNanos;

  /**
   * @param target in °C, up to which nothing is slowed
   * @param ceiling in °C, at which the run waits
   */
  public TemperatureCeiling(Of of, double target, double ceiling) {
    if (!(target > 0 && target < ceiling && ceiling <= 120)) {
      throw new IllegalArgumentException(
          "expected a target temperature above 0 and below a ceiling of at most 120 °C, found "
              + target
              + " and "
              + ceiling);
    }
    this.of = of;
    this.target = target;
    this.ceiling = ceiling;
  }

  @Override
  public String name() {
    return of.policy;
  }

  @Override
  public boolean urgent() {
    return true;
  }

  @Override
  public Limit limit(Situation now) {
    OptionalDouble seen = of.celsius(now.device());
    if (seen.isEmpty()) {
      return Limit.NONE;
    }
    double celsius = seen.getAsDouble();
    hot = celsius >= (hot ? ceiling - (ceiling - target) / 3 : ceiling);
    double allowed = allowed(celsius + ahead(celsius, now.nanos()));
    rate = allowed <= rate ? allowed : rate + RISING_SHARE * (allowed - rate);
    String reason =
        String.format(
            Locale.ROOT,
            "%s at %.1f °C, target %.1f °C, ceiling %.1f °C",
            of == Of.PROCESSOR || now.device().batteryCelsius().isEmpty() ? "processor" : "battery",
            celsius,
            target,
            ceiling);
    if (hot) {
      return Limit.waiting(name(), reason);
    }
    return rate > 0.99 ? Limit.NONE : Limit.slow(rate, name(), reason);
  }

  private double allowed(double celsius) {
    double share = (ceiling - celsius) / (ceiling - target);
    return Math.max(Limit.SLOWEST, Math.min(1, share));
  }

  /** How much warmer it is going to be when it is looked at again. */
  private double ahead(double celsius, long nanos) {
    double rise = Double.isNaN(before) || nanos == beforeNanos ? 0 : celsius - before;
    before = celsius;
    beforeNanos = nanos;
    return Math.max(0, Math.min(MOST_AHEAD, rise));
  }

  @Override
  public @Nullable String missing(DeviceReading reading) {
    return of.celsius(reading).isPresent() ? null : "a temperature";
  }
}
