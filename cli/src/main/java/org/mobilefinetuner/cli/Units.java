package org.mobilefinetuner.cli;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.QuietHours;

/** Energies, durations and times as people write them; what is wrong is named with its option. */
final class Units {
  private static final Pattern QUANTITY =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,6})?)\\s*([A-Za-z]*)");
  private static final Map<String, Double> ENERGY =
      Map.of("", 1.0, "j", 1.0, "kj", 1e3, "mj", 1e6, "wh", 3600.0, "kwh", 3.6e6);
  private static final Map<String, Double> TIME =
      Map.of("", 1.0, "s", 1.0, "m", 60.0, "min", 60.0, "h", 3600.0);

  private Units() {}

  static double joules(String option, String text) {
    return quantity(option, text, ENERGY, "an energy such as 20kJ or 5Wh");
  }

  static double seconds(String option, String text) {
    return quantity(option, text, TIME, "a time such as 90s, 30m or 2h");
  }

  private static double quantity(
      String option, String text, Map<String, Double> units, String wanted) {
    Matcher parts = QUANTITY.matcher(text.strip());
    if (parts.matches()) {
      Double unit = units.get(parts.group(2).toLowerCase(Locale.ROOT));
      if (unit != null) {
        return Double.parseDouble(parts.group(1)) * unit;
      }
    }
    throw new IllegalArgumentException("expected " + wanted + " for " + option + ", found " + text);
  }

  /** The next such time of the day, that date and time, or so long after {@code now}. */
  static LocalDateTime moment(String option, String text, LocalDateTime now) {
    String word = text.strip();
    try {
      if (word.contains("T")) {
        return LocalDateTime.parse(word);
      }
      if (word.contains(":")) {
        LocalDateTime today = now.toLocalDate().atTime(LocalTime.parse(word));
        return today.isAfter(now) ? today : today.plusDays(1);
      }
      return now.plusNanos((long) (seconds(option, word) * 1e9));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "expected a time such as 07:00, 2026-12-24T07:00 or 8h for " + option + ", found " + text,
          e);
    }
  }

  static QuietHours quietHours(String option, String text) {
    String[] times = text.split("-", -1);
    try {
      if (times.length == 2) {
        return new QuietHours(LocalTime.parse(times[0].strip()), LocalTime.parse(times[1].strip()));
      }
    } catch (DateTimeException e) {
      throw hours(option, text, e);
    }
    throw hours(option, text, null);
  }

  private static IllegalArgumentException hours(
      String option, String text, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "expected two times such as 22:00-07:00 for " + option + ", found " + text, cause);
  }
}
