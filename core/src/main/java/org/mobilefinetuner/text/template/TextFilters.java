package org.mobilefinetuner.text.template;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.template.Filters.Filter;

/** Filters that make a text or a number of a value. */
final class TextFilters {
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

  private TextFilters() {}

  static void addTo(Map<String, Filter> filters) {
    filters.put("string", text("string", text -> text));
    filters.put("safe", text("safe", text -> text));
    filters.put("upper", text("upper", Strings::upper));
    filters.put("lower", text("lower", Strings::lower));
    filters.put("capitalize", text("capitalize", Strings::capitalize));
    filters.put("title", text("title", TextFilters::title));
    filters.put("trim", TextFilters::trim);
    filters.put("replace", TextFilters::replace);
    filters.put("indent", TextFilters::indent);
    filters.put("join", TextFilters::join);
    filters.put("int", TextFilters::toInt);
    filters.put("float", TextFilters::toFloat);
    filters.put("abs", TextFilters::abs);
  }

  private interface OfText {
    String apply(String text);
  }

  private static Filter text(String name, OfText function) {
    return (value, arguments, frame) -> {
      arguments.bind(name);
      String text = PythonText.of(value);
      frame.budget().spend(text.length());
      return function.apply(text);
    };
  }

  /** Words as jinja2 counts them: behind blanks, hyphens and opening brackets. */
  private static String title(String text) {
    var title = new StringBuilder();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      boolean separator =
          i == text.length()
              || Strings.isSpace(text.charAt(i))
              || "-({[<".indexOf(text.charAt(i)) >= 0;
      if (separator) {
        String word = text.substring(start, i);
        int first = word.isEmpty() ? 0 : word.offsetByCodePoints(0, 1);
        title.append(Strings.upper(word.substring(0, first)));
        title.append(Strings.lower(word.substring(first)));
        title.append(text, i, Math.min(i + 1, text.length()));
        start = i + 1;
      }
    }
    return title.toString();
  }

  private static Object trim(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("trim", "chars");
    String text = PythonText.of(value);
    frame.budget().spend(text.length());
    return Strings.strip(text, bound.orNull(0) == null ? null : bound.text(0), true, true);
  }

  private static Object replace(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
    long limit = bound.orNull(2) == null ? -1 : bound.integer(2, -1);
    return Strings.replace(
        PythonText.of(value),
        PythonText.of(bound.get(0)),
        PythonText.of(bound.get(1)),
        limit,
        frame.budget());
  }

  private static Object indent(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("indent", "width", "first", "blank");
    String indention =
        bound.orNull(0) instanceof String given
            ? given
            : (String) Arithmetic.apply(" ", "*", bound.integer(0, 4), frame.budget());
    if (!(value instanceof String text)) {
      throw new TemplateException("indent needs a text, found " + Values.kind(value));
    }
    var out = new StringBuilder(bound.flag(1) ? indention : "");
    List<@Nullable Object> lines = Strings.lines(text + "\n");
    for (int i = 0; i < lines.size(); i++) {
      String line = String.valueOf(lines.get(i));
      boolean indented = i > 0 && (bound.flag(2) || !line.isEmpty());
      out.append(i == 0 ? "" : "\n").append(indented ? indention : "").append(line);
      frame.budget().requireLength(out.length());
    }
    frame.budget().spend(out.length());
    return out.toString();
  }

  private static Object join(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("join", "d", "attribute");
    List<@Nullable Object> parts = Values.list(value);
    Object path = bound.orNull(1);
    if (path != null) {
      parts.replaceAll(each -> Lookup.path(each, path));
    }
    return TextMethods.joined(
        bound.has(0) ? PythonText.of(bound.get(0)) : "", parts, frame.budget());
  }

  private static @Nullable Object toInt(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("int", "default");
    Object otherwise = bound.has(0) ? bound.get(0) : Long.valueOf(0);
    if (value instanceof String text) {
      String digits = Strings.strip(text, null, true, true);
      if (digits.matches("[+-]?[0-9]+(_[0-9]+)*")) {
        return wholeNumber(digits.replace("_", ""));
      }
    }
    Object number = Values.number(value);
    if (number instanceof Long) {
      return number;
    }
    Double real = real(value);
    return real == null || real.isInfinite() || real.isNaN() ? otherwise : truncated(real);
  }

  private static Long wholeNumber(String digits) {
    try {
      return Long.valueOf(digits);
    } catch (NumberFormatException e) {
      throw new TemplateException("the number " + digits + " is too large");
    }
  }

  private static Long truncated(double number) {
    if (Math.abs(number) >= 0x1p63) {
      throw new TemplateException("the number " + number + " is too large");
    }
    return (long) number;
  }

  private static @Nullable Object toFloat(
      @Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("float", "default");
    Double number = real(value);
    if (number != null) {
      return number;
    }
    return bound.has(0) ? bound.get(0) : Double.valueOf(0);
  }

  /** A value as a float; null if it is none. */
  private static @Nullable Double real(@Nullable Object value) {
    if (Values.number(value) instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof Undefined undefined) {
      throw new TemplateException(undefined.reason() + "; a number is made of it");
    }
    String text = value instanceof String given ? Strings.strip(given, null, true, true) : "";
    return DECIMAL.matcher(text).matches() ? Double.valueOf(text) : null;
  }

  private static Object abs(@Nullable Object value, Arguments arguments, Frame frame) {
    arguments.bind("abs");
    Object number = Values.number(value);
    boolean negative = number instanceof Number given && given.doubleValue() < 0;
    return Arithmetic.signed(number, negative);
  }
}
