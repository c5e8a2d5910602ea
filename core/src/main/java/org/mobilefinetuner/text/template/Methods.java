package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods of texts, lists and dictionaries.
 *
 * <p>A method of Python that is not supported is still known: it hides an item of its name, and
 * calling it is an error.
 */
final class Methods {
  private static final Set<String> OF_TEXT =
      names(
          "capitalize casefold center count encode endswith expandtabs find format format_map index"
              + " isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric"
              + " isprintable isspace istitle isupper join ljust lower lstrip maketrans partition"
              + " removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split"
              + " splitlines startswith strip swapcase title translate upper zfill");

  private static final Set<String> OF_LIST =
      names("append clear copy count extend index insert pop remove reverse sort");

  private static final Set<String> OF_TUPLE = names("count index");

  private static final Set<String> OF_DICTIONARY =
      names("clear copy fromkeys get items keys pop popitem setdefault update values");

  private Methods() {}

  private static Set<String> names(String names) {
    return Collections.unmodifiableSet(new HashSet<>(Arrays.asList(names.split(" "))));
  }

  /** Whether Python has such a method. */
  static boolean exists(@Nullable Object value, String name) {
    if (value instanceof String) {
      return OF_TEXT.contains(name);
    } else if (value instanceof List) {
      return OF_LIST.contains(name);
    } else if (value instanceof Tuple) {
      return OF_TUPLE.contains(name);
    }
    return value instanceof Map && OF_DICTIONARY.contains(name);
  }

  /** The method of a value, to be called. */
  static Callable of(@Nullable Object value, String name) {
    if (value instanceof String text) {
      return (arguments, frame) -> TextMethods.call(text, name, arguments, frame.budget());
    } else if (value instanceof Map<?, ?> map) {
      return (arguments, frame) -> ofDictionary(map, name, arguments);
    }
    return (arguments, frame) -> {
      frame.budget().spendWalk(value);
      return ofList(Values.list(value), name, arguments);
    };
  }

  private static @Nullable Object ofDictionary(Map<?, ?> map, String name, Arguments arguments) {
    switch (name) {
      case "get" -> {
        Arguments.Bound bound = arguments.bind(name, "key", "default");
        Object key = bound.get(0);
        return map.containsKey(key) ? map.get(key) : bound.orNull(1);
      }
      case "items" -> {
        arguments.bind(name);
        return new View(pairs(map));
      }
      case "keys" -> {
        arguments.bind(name);
        return new View(new ArrayList<>(map.keySet()));
      }
      case "values" -> {
        arguments.bind(name);
        return new View(new ArrayList<>(map.values()));
      }
      default -> throw unsupported("a dictionary", name, "get, items, keys and values");
    }
  }

  /** Keys with their values, as tuples. */
  static List<@Nullable Object> pairs(Map<?, ?> map) {
    List<@Nullable Object> pairs = new ArrayList<>();
    for (Map.Entry<?, ?> each : map.entrySet()) {
      List<@Nullable Object> pair = new ArrayList<>();
      pair.add(each.getKey());
      pair.add(each.getValue());
      pairs.add(new Tuple(pair));
    }
    return pairs;
  }

  private static Object ofList(List<@Nullable Object> list, String name, Arguments arguments) {
    switch (name) {
      case "count" -> {
        Object wanted = arguments.bind(name, "value").get(0);
        return list.stream().filter(each -> Values.equal(each, wanted)).count();
      }
      case "index" -> {
        Object wanted = arguments.bind(name, "value").get(0);
        for (int i = 0; i < list.size(); i++) {
          if (Values.equal(list.get(i), wanted)) {
            return (long) i;
          }
        }
        throw new TemplateException("index: the value is not in the list");
      }
      default -> throw unsupported("a list", name, "count and index; a template changes no list");
    }
  }

  static TemplateException unsupported(String value, String method, String supported) {
    return new TemplateException(
        "the method " + method + " of " + value + " is not supported; supported are " + supported);
  }
}
