package org.mobilefinetuner.text.template;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Writes a time as C's {@code strftime} does in the C locale. */
final class Strftime {
  private static final List<String> MONTHS =
      Arrays.asList(
          "January",
          "February",
          "March",
          "April",
          "May",
          "June",
          "July",
          "August",
          "September",
          "October",
          "November",
          "December");

  private static final List<String> DAYS =
      Arrays.asList("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

  private Strftime() {}

  static String format(String format, LocalDateTime time) {
    var out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      c = format.charAt(++i);
      boolean bare = c == '-' && i + 1 < format.length();
      if (bare) {
        c = format.charAt(++i);
      }
      String part = part(c, time);
      // The width that - takes away is made of zeros, or of blanks as in %e.
      out.append(bare ? part.replaceFirst("^[0 ]+(?=.)", "") : part);
    }
    return out.toString();
  }

  private static String part(char directive, LocalDateTime time) {
    String month = MONTHS.get(time.getMonthValue() - 1);
    String day = DAYS.get(time.getDayOfWeek().getValue() - 1);
    int hour = (time.getHour() + 11) % 12 + 1;
    return switch (directive) {
      case 'Y' -> String.valueOf(time.getYear());
      case 'y' -> digits(2, time.getYear() % 100);
      case 'm' -> digits(2, time.getMonthValue());
      case 'd' -> digits(2, time.getDayOfMonth());
      case 'e' -> String.format(Locale.ROOT, "%2d", time.getDayOfMonth());
      case 'j' -> digits(3, time.getDayOfYear());
      case 'B' -> month;
      case 'b', 'h' -> month.substring(0, 3);
      case 'A' -> day;
      case 'a' -> day.substring(0, 3);
      case 'H' -> digits(2, time.getHour());
      case 'I' -> digits(2, hour);
      case 'M' -> digits(2, time.getMinute());
      case 'S' -> digits(2, time.getSecond());
      case 'p' -> time.getHour() < 12 ? "AM" : "PM";
      case 'F' -> format("%Y-%m-%d", time);
      case 'T' -> format("%H:%M:%S", time);
      case 'D' -> format("%m/%d/%y", time);
      case 'R' -> format("%H:%M", time);
      case 'Z', 'z' -> ""; // of a time without a zone, as Python's datetime.now() is
      case '%' -> "%";
      default ->
          throw new TemplateException(
              "strftime_now: %"
                  + directive
                  + " is not supported; supported are %Y %y %m %d %e %j"
                  + " %B %b %h %A %a %H %I %M %S %p %F %T %D %R %Z %z %%");
    };
  }

  private static String digits(int width, int number) {
    return String.format(Locale.ROOT, "%0" + width + "d", number);
  }
}
