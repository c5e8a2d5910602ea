package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes values as Python's {@code json.dumps} does, which is what {@code tojson} is here. */
final class Json {
  private final StringBuilder out = new StringBuilder();
  private final Budget budget;
  private final boolean ascii;
  private final @Nullable String indent;
  private final String comma;
  private final String colon;
  private final boolean sorted;

  private Json(Arguments.Bound options, Budget budget) {
    this.budget = budget;
    ascii = options.flag(0);
    indent = indent(options);
    List<@Nullable Object> separators =
        options.orNull(2) == null ? new ArrayList<>() : Values.list(options.get(2));
    if (!separators.isEmpty() && separators.size() != 2) {
      throw new TemplateException("tojson needs two separators, found " + separators.size());
    }
    String between = indent == null ? ", " : ",";
    comma = separators.isEmpty() ? between : PythonText.of(separators.get(0));
    colon = separators.isEmpty() ? ": " : PythonText.of(separators.get(1));
    sorted = options.flag(3);
  }

  private static @Nullable String indent(Arguments.Bound options) {
    Object given = options.orNull(1);
    if (given == null || given instanceof String) {
      return (String) given;
    }
    long width = options.integer(1, 0);
    if (width > 100) {
      throw new TemplateException("tojson indents by at most 100 blanks, found " + width);
    }
    var indent = new StringBuilder();
    while (indent.length() < width) {
      indent.append(' ');
    }
    return indent.toString();
  }

  /** The filter {@code tojson} of transformers: HTML is not escaped, letters neither. */
  static Object filter(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound options =
        arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
    var json = new Json(options, frame.budget());
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(@Nullable Object value, int depth) {
    Values.requireDepth(depth);
    int before = out.length();
    if (value instanceof String text) {
      quote(text);
    } else if (value instanceof List<?> list) {
      array(list, depth);
    } else if (value instanceof Tuple tuple) {
      array(tuple.items(), depth);
    } else if (value instanceof Map<?, ?> map) {
      object(map, depth);
    } else {
      out.append(scalar(value));
    }
    budget.requireLength(out.length());
    budget.spend(out.length() - before);
  }

  private static String scalar(@Nullable Object value) {
    if (value == null) {
      return "null";
    } else if (value instanceof Double number) {
      return Double.isNaN(number)
          ? "NaN"
          : Double.isInfinite(number)
              ? (number > 0 ? "Infinity" : "-Infinity")
              : PythonText.number(number);
    } else if (value instanceof Boolean || value instanceof Long) {
      return value.toString();
    }
    throw new TemplateException("tojson cannot write " + Values.kind(value));
  }

  private void array(List<?> items, int depth) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : comma);
      line(depth + 1);
      write(items.get(i), depth + 1);
    }
    line(depth);
    out.append(']');
  }

  private void object(Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
    if (sorted) {
      entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey()));
    }
    for (int i = 0; i < entries.size(); i++) {
      out.append(i == 0 ? "" : comma);
      line(depth + 1);
      quote(String.valueOf(entries.get(i).getKey()));
      out.append(colon);
      write(entries.get(i).getValue(), depth + 1);
    }
    line(depth);
    out.append('}');
  }

  private void line(int depth) {
    if (indent != null) {
      out.append('\n');
      for (int i = 0; i < depth; i++) {
        out.append(indent);
      }
    }
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
