package org.mobilefinetuner.cli;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: MB are 10⁶ bytes, MiB 2²⁰. */
final class Bytes {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?)([KMGT]?)(I?)B?");

  private Bytes() {}

  /** The bytes that {@code size} means, such as 600MB or 1.5GiB; none if it means no size. */
  static OptionalLong parse(String size) {
    Matcher parts = SIZE.matcher(size.strip().toUpperCase(Locale.ROOT));
    if (!parts.matches()) {
      return OptionalLong.empty();
    }
    double unit = parts.group(3).isEmpty() ? 1000 : 1024;
    int power = parts.group(2).isEmpty() ? 0 : 1 + "KMGT".indexOf(parts.group(2));
    double bytes = Double.parseDouble(parts.group(1)) * Math.pow(unit, power);
    return bytes >= 1 && bytes < Long.MAX_VALUE
        ? OptionalLong.of((long) bytes)
        : OptionalLong.empty();
  }

  /** {@code bytes} in whole megabytes, 10⁶. */
  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", Math.ceilDiv(bytes, 1_000_000));
  }
}
