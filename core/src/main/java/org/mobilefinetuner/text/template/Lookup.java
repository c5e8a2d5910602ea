package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds attributes, items and slices.
 *
 * <p>As in jinja2, {@code a.b} is first the method b of the value and then its item, {@code a['b']}
 * first the item: a dictionary with a key "items" shows it only to the latter.
 */
final class Lookup {
  private Lookup() {}

  static @Nullable Object attribute(@Nullable Object value, String name) {
    requireDefined(value, name);
    if (value instanceof Loop loop) {
      return loop.attribute(name);
    } else if (value instanceof Namespace namespace) {
      return namespace.get(name);
    } else if (Methods.exists(value, name)) {
      return Methods.of(value, name);
    } else if (value instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    return missing(value, name);
  }

  static @Nullable Object item(@Nullable Object value, @Nullable Object index) {
    requireDefined(value, index);
    if (value instanceof Map<?, ?> map) {
      if (map.containsKey(index)) {
        return map.get(index);
      }
    } else if (value instanceof String text && Values.number(index) instanceof Long at) {
      int size = Strings.length(text);
      long i = at < 0 ? at + size : at;
      if (i >= 0 && i < size) {
        int start = text.offsetByCodePoints(0, (int) i);
        return text.substring(start, text.offsetByCodePoints(start, 1));
      }
    } else if (Values.number(index) instanceof Long at) {
      List<?> items = indexed(value);
      if (items != null) {
        long i = at < 0 ? at + items.size() : at;
        return i >= 0 && i < items.size()
            ? items.get((int) i)
            : new Undefined(Values.kind(value) + " of " + items.size() + " has no item " + at);
      }
    }
    return index instanceof String name ? attribute(value, name) : missing(value, index);
  }

  private static void requireDefined(@Nullable Object value, @Nullable Object name) {
    if (value instanceof Undefined undefined) {
      throw new TemplateException(
          undefined.reason() + "; its " + PythonText.of(name) + " is asked for");
    }
  }

  private static Undefined missing(@Nullable Object value, @Nullable Object name) {
    String shown = name instanceof String || name instanceof Long ? name.toString() : "such";
    return new Undefined(Values.kind(value) + " has no '" + shown + "'");
  }

  private static @Nullable List<?> indexed(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list;
    } else if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    return value instanceof String text ? Strings.characters(text) : null;
  }

  /** Python's slices: bounds from the end where negative, and never out of range. */
  static Object slice(
      @Nullable Object value,
      @Nullable Long from,
      @Nullable Long to,
      @Nullable Long step,
      Budget budget) {
    List<?> items = indexed(value);
    if (items == null) {
      throw new TemplateException(Values.kind(value) + " has no slices");
    }
    budget.spend(items.size());
    long by = step == null ? 1 : step;
    if (by == 0) {
      throw new TemplateException("the step of a slice must not be zero");
    }
    int size = items.size();
    long first = by > 0 ? 0 : size - 1;
    long end = by > 0 ? size : -1;
    long start = from == null ? first : bound(from, size, by < 0);
    long stop = to == null ? end : bound(to, size, by < 0);
    List<@Nullable Object> part = new ArrayList<>();
    for (long i = start; by > 0 ? i < stop : i > stop; i += by) {
      part.add(items.get((int) i));
      if (Math.abs(by) > size) {
        break; // the next would be outside, or beyond what a long holds
      }
    }
    if (value instanceof String) {
      var text = new StringBuilder();
      part.forEach(text::append);
      return text.toString();
    }
    return value instanceof Tuple ? new Tuple(part) : part;
  }

  private static long bound(long bound, int size, boolean backwards) {
    long at = bound < 0 ? bound + size : bound;
    return backwards ? Math.max(-1, Math.min(at, size - 1)) : Math.max(0, Math.min(at, size));
  }

  /** The value behind a path as filters take it: a name, an index, or several with points. */
  static @Nullable Object path(@Nullable Object value, @Nullable Object path) {
    Object found = value;
    if (path instanceof String names) {
      for (Object each : Strings.split(names, ".", -1)) {
        String part = String.valueOf(each);
        boolean index = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
        found = item(found, index && part.length() < 10 ? (Object) Long.valueOf(part) : part);
      }
      return found;
    }
    return item(found, path);
  }
}
