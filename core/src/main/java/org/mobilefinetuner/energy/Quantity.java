package org.mobilefinetuner.energy;

import java.util.Locale;

/** What an attribute of sysfs counts, and between which values it can be true. */
enum Quantity {
  PERCENT("%", 1, 0, 100),
  MICROAMPERES("A", 1e6, -100, 100),
  MICROVOLTS("V", 1e6, 0, 1000),
  MICROWATTS("W", 1e6, -10_000, 10_000),
  MICROWATT_HOURS("Wh", 1e6, 0, 10_000),
  MICROAMPERE_HOURS("Ah", 1e6, 0, 1000),
  MICROJOULES("J", 1e6, 0, 1e13),
  TENTHS_OF_A_DEGREE("°C", 10, -40, 150),
  THOUSANDTHS_OF_A_DEGREE("°C", 1000, -40, 150);

  private final String unit;
  private final double parts;
  private final double least;
  private final double most;

  Quantity(String unit, double parts, double least, double most) {
    this.unit = unit;
    this.parts = parts;
    this.least = least;
    this.most = most;
  }

  /** The number of a file in the unit that is shown. */
  double of(long raw) {
    return raw / parts;
  }

  boolean possible(double value) {
    return value >= least && value <= most;
  }

  String shown(double value) {
    return String.format(Locale.ROOT, this == PERCENT ? "%.0f %s" : "%.3f %s", value, unit);
  }

  /** The values that can be true, in words. */
  String range() {
    return String.format(Locale.ROOT, "%.0f to %.0f %s", least, most, unit);
  }
}
