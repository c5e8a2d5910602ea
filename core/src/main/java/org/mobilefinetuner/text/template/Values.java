package org.mobilefinetuner.text.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;

/** What Python knows of every value: whether it is true, equals another, is before or in it. */
final class Values {
  private static final int MAX_DEPTH = 100;

  private Values() {}

  /** A value from outside, copied; whole numbers become {@code Long}, others {@code Double}. */
  static @Nullable Object of(@Nullable Object value) {
    return of(value, 0);
  }

  private static @Nullable Object of(@Nullable Object value, int depth) {
    requireDepth(depth);
    if (value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      for (Map.Entry<?, ?> each : map.entrySet()) {
        copy.put(String.valueOf(each.getKey()), of(each.getValue(), depth + 1));
      }
      return copy;
    }
    if (value instanceof JsonObject object) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      for (String key : object.keys()) {
        copy.put(key, of(object.get(key), depth + 1));
      }
      return copy;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>();
      for (Object each : list) {
        copy.add(of(each, depth + 1));
      }
      return copy;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    if (value instanceof BigInteger number) {
      throw new TemplateException(
          "expected whole numbers of at most 64 bits, found one of " + number.bitLength());
    }
    throw new IllegalArgumentException(
        "expected a value as in JSON, found a " + value.getClass().getName());
  }

  /** Keeps a walk through nested values within the stack. */
  static void requireDepth(int depth) {
    if (depth > MAX_DEPTH) {
      throw new TemplateException("a value is nested deeper than " + MAX_DEPTH + " levels");
    }
  }

  /** What a complaint calls a value. */
  static String kind(@Nullable Object value) {
    if (value == null) {
      return "none";
    } else if (value instanceof String) {
      return "a text";
    } else if (value instanceof Boolean) {
      return "a boolean";
    } else if (value instanceof Long) {
      return "a whole number";
    } else if (value instanceof Double) {
      return "a number";
    } else if (value instanceof List) {
      return "a list";
    } else if (value instanceof Map) {
      return "a dictionary";
    } else if (value instanceof Tuple) {
      return "a tuple";
    } else if (value instanceof Undefined undefined) {
      return "undefined (" + undefined.reason() + ")";
    } else if (value instanceof Callable) {
      return "a function";
    } else if (value instanceof Stream || value instanceof View) {
      return "a sequence without indices";
    }
    return value instanceof Loop ? "the loop" : "a namespace";
  }

  static boolean truth(@Nullable Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    } else if (value instanceof String text) {
      return !text.isEmpty();
    } else if (value instanceof Number number) {
      return number.doubleValue() != 0;
    } else if (value instanceof List<?> list) {
      return !list.isEmpty();
    } else if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    } else if (value instanceof Tuple tuple) {
      return !tuple.items().isEmpty();
    } else if (value instanceof View view) {
      return !view.items().isEmpty();
    }
    return value != null && !(value instanceof Undefined);
  }

  /** A boolean as the number that Python takes it for; other values as they are. */
  static @Nullable Object number(@Nullable Object value) {
    return value instanceof Boolean flag ? Long.valueOf(flag ? 1 : 0) : value;
  }

  /** A whole number. */
  static Long wholeNumber(@Nullable Object value, String what) {
    if (number(value) instanceof Long number) {
      return number;
    }
    throw new TemplateException(what + " must be a whole number, found " + kind(value));
  }

  /** A value as the key of a dictionary. */
  static Object key(@Nullable Object value) {
    if (value instanceof String || value instanceof Long) {
      return value;
    }
    throw new TemplateException(
        "keys of dictionaries are texts and whole numbers, found " + kind(value));
  }

  static boolean equal(@Nullable Object a, @Nullable Object b) {
    return equal(a, b, 0);
  }

  private static boolean equal(@Nullable Object left, @Nullable Object right, int depth) {
    requireDepth(depth);
    Object a = number(left);
    Object b = number(right);
    if (a instanceof Number x && b instanceof Number y) {
      return compare(x, y) == 0;
    } else if (a instanceof List<?> x && b instanceof List<?> y) {
      return equalItems(x, y, depth);
    } else if (a instanceof Tuple x && b instanceof Tuple y) {
      return equalItems(x.items(), y.items(), depth);
    } else if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      if (!x.keySet().equals(y.keySet())) {
        return false;
      }
      for (Map.Entry<?, ?> each : x.entrySet()) {
        if (!equal(each.getValue(), y.get(each.getKey()), depth + 1)) {
          return false;
        }
      }
      return true;
    } else if (a instanceof Undefined) {
      return b instanceof Undefined;
    } else if (a instanceof String x) {
      return x.equals(b);
    }
    return Objects.equals(a, b);
  }

  private static boolean equalItems(List<?> a, List<?> b, int depth) {
    boolean equal = a.size() == b.size();
    for (int i = 0; equal && i < a.size(); i++) {
      equal = equal(a.get(i), b.get(i), depth + 1);
    }
    return equal;
  }

  /** Negative, zero or positive: whether a value is before, like or after another. */
  static int compare(@Nullable Object left, @Nullable Object right) {
    return compare(left, right, 0);
  }

  private static int compare(@Nullable Object left, @Nullable Object right, int depth) {
    requireDepth(depth);
    Object a = number(left);
    Object b = number(right);
    if (a instanceof Number x && b instanceof Number y) {
      return compare(x, y);
    } else if (a instanceof String x && b instanceof String y) {
      return Strings.compare(x, y);
    } else if (a instanceof List<?> x && b instanceof List<?> y) {
      return compareItems(x, y, depth);
    } else if (a instanceof Tuple x && b instanceof Tuple y) {
      return compareItems(x.items(), y.items(), depth);
    }
    throw new TemplateException("cannot compare " + kind(left) + " with " + kind(right));
  }

  private static int compareItems(List<?> a, List<?> b, int depth) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!equal(a.get(i), b.get(i), depth + 1)) {
        return compare(a.get(i), b.get(i), depth + 1);
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  private static int compare(Number a, Number b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    double x = a.doubleValue();
    double y = b.doubleValue();
    return x == y ? 0 : Double.compare(x, y); // 0.0 is -0.0
  }

  /** Whether an item is in a container: a part of a text, a key of a dictionary. */
  static boolean contains(@Nullable Object container, @Nullable Object item) {
    if (container instanceof String text) {
      if (item instanceof String part) {
        return text.contains(part);
      }
      throw new TemplateException("only a text can be in a text, found " + kind(item));
    } else if (container instanceof Map<?, ?> map) {
      return map.containsKey(item);
    }
    for (Iterator<@Nullable Object> items = iterate(container); items.hasNext(); ) {
      if (equal(items.next(), item)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a value can be looped over. */
  static boolean isIterable(@Nullable Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Map
        || value instanceof Tuple
        || value instanceof View
        || value instanceof Stream
        || value instanceof Undefined;
  }

  /** The items of a value: characters of a text, keys of a dictionary, none if it is undefined. */
  @SuppressWarnings("unchecked") // lists of this package hold any value
  static Iterator<@Nullable Object> iterate(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return ((List<@Nullable Object>) list).iterator();
    } else if (value instanceof Tuple tuple) {
      return tuple.items().iterator();
    } else if (value instanceof View view) {
      return view.items().iterator();
    } else if (value instanceof Stream stream) {
      return stream.iterator();
    } else if (value instanceof Map<?, ?> map) {
      return new ArrayList<@Nullable Object>(map.keySet()).iterator();
    } else if (value instanceof String text) {
      return Strings.characters(text).iterator();
    } else if (value instanceof Undefined) {
      return new ArrayList<@Nullable Object>().iterator();
    }
    throw new TemplateException("cannot loop over " + kind(value));
  }

  /** The items of a value as a new list. */
  static List<@Nullable Object> list(@Nullable Object value) {
    List<@Nullable Object> list = new ArrayList<>();
    iterate(value).forEachRemaining(list::add);
    return list;
  }

  /** The number of items. */
  static long length(@Nullable Object value) {
    if (value instanceof String text) {
      return Strings.length(text);
    } else if (value instanceof Map<?, ?> map) {
      return map.size();
    } else if (value instanceof Stream || !isIterable(value)) {
      throw new TemplateException(kind(value) + " has no length");
    }
    return list(value).size();
  }
}
