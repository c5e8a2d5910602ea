package org.mobilefinetuner.text.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as Python prints them: {@code True}, {@code None}, {@code 1.0}, {@code ['a', 2]}. */
final class PythonText {
  private PythonText() {}

  /** Python's {@code str()}; nothing for what is undefined. */
  static String of(@Nullable Object value) {
    if (value instanceof String text) {
      return text;
    } else if (value instanceof Undefined) {
      return "";
    }
    var out = new StringBuilder();
    append(value, out, 0);
    return out.toString();
  }

  /** Python's {@code repr()}. */
  private static void append(@Nullable Object value, StringBuilder out, int depth) {
    Values.requireDepth(depth);
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean flag) {
      out.append(flag ? "True" : "False");
    } else if (value instanceof Double number) {
      out.append(number(number));
    } else if (value instanceof String text) {
      quote(text, out);
    } else if (value instanceof Long) {
      out.append(value);
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof List<?> list) {
      items(list, "[", "]", out, depth);
    } else if (value instanceof Tuple tuple) {
      items(tuple.items(), "(", tuple.items().size() == 1 ? ",)" : ")", out, depth);
    } else if (value instanceof Map<?, ?> map) {
      String comma = "{";
      for (Map.Entry<?, ?> each : map.entrySet()) {
        append(each.getKey(), out.append(comma), depth + 1);
        append(each.getValue(), out.append(": "), depth + 1);
        comma = ", ";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else {
      throw new TemplateException(
          Values.kind(value)
              + " has no text"
              + (value instanceof Stream || value instanceof View ? "; use the filter list" : ""));
    }
  }

  private static void items(
      List<?> items, String open, String close, StringBuilder out, int depth) {
    out.append(open);
    String comma = "";
    for (Object each : items) {
      append(each, out.append(comma), depth + 1);
      comma = ", ";
    }
    out.append(close);
  }

  /** Python's {@code repr()} of a float: the shortest digits that mean this number. */
  static String number(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    } else if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    } else if (number == 0) {
      return 1 / number < 0 ? "-0.0" : "0.0";
    }
    // Double.toString gives more digits than needed for some numbers before JDK 19.
    BigDecimal exact = new BigDecimal(Math.abs(number));
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= 17; digits++) {
      shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (shortest.doubleValue() == Math.abs(number)) {
        break;
      }
    }
    String digits = shortest.stripTrailingZeros().unscaledValue().toString();
    int power = shortest.precision() - shortest.scale() - 1;
    return (number < 0 ? "-" : "") + placed(digits, power);
  }

  /** Digits with their point: the first of them stands for this power of ten. */
  private static String placed(String digits, int power) {
    if (power < -4 || power >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      String size = (Math.abs(power) < 10 ? "0" : "") + Math.abs(power);
      return digits.charAt(0) + fraction + "e" + (power < 0 ? "-" : "+") + size;
    }
    var text = new StringBuilder(digits);
    if (power < 0) {
      for (int i = -1; i > power; i--) {
        text.insert(0, '0');
      }
      return text.insert(0, "0.").toString();
    }
    while (text.length() <= power + 1) {
      text.append('0');
    }
    return text.insert(power + 1, '.').toString();
  }

  private static void quote(String text, StringBuilder out) {
    char mark = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(mark);
    for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (c == mark || c == '\\') {
        out.append('\\').append((char) c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c == '\r') {
        out.append("\\r");
      } else if (c == '\t') {
        out.append("\\t");
      } else if (isPrintable(c)) {
        out.appendCodePoint(c);
      } else {
        String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
        out.append(String.format(Locale.ROOT, form, c));
      }
    }
    out.append(mark);
  }

  /** Python's {@code str.isprintable}. */
  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
