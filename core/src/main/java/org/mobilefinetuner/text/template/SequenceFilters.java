package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.template.Filters.Filter;

/** Filters of lists, dictionaries and whatever else has items. */
final class SequenceFilters {
  private SequenceFilters() {}

  static void addTo(Map<String, Filter> filters) {
    filters.put("length", SequenceFilters::length);
    filters.put("count", SequenceFilters::length);
    filters.put("first", SequenceFilters::first);
    filters.put("last", SequenceFilters::last);
    filters.put("list", SequenceFilters::list);
    filters.put("items", SequenceFilters::items);
    filters.put("reverse", SequenceFilters::reverse);
    filters.put("sort", SequenceFilters::sort);
    filters.put("dictsort", SequenceFilters::dictsort);
    filters.put("unique", SequenceFilters::unique);
    filters.put("min", (value, arguments, frame) -> extreme("min", value, arguments));
    filters.put("max", (value, arguments, frame) -> extreme("max", value, arguments));
    filters.put("sum", SequenceFilters::sum);
    filters.put("map", SequenceFilters::map);
    filters.put(
        "select", (value, arguments, frame) -> select(value, arguments, frame, false, true));
    filters.put(
        "reject", (value, arguments, frame) -> select(value, arguments, frame, false, false));
    filters.put(
        "selectattr", (value, arguments, frame) -> select(value, arguments, frame, true, true));
    filters.put(
        "rejectattr", (value, arguments, frame) -> select(value, arguments, frame, true, false));
  }

  private static Object length(@Nullable Object value, Arguments arguments, Frame frame) {
    arguments.bind("length");
    return Values.length(value);
  }

  private static @Nullable Object first(@Nullable Object value, Arguments arguments, Frame frame) {
    arguments.bind("first");
    Iterator<@Nullable Object> items = Values.iterate(value);
    return items.hasNext() ? items.next() : new Undefined("there is no first item");
  }

  private static @Nullable Object last(@Nullable Object value, Arguments arguments, Frame frame) {
    arguments.bind("last");
    if (value instanceof Stream) {
      throw new TemplateException(Values.kind(value) + " has no last item; use the filter list");
    }
    List<@Nullable Object> items = Values.list(value);
    return items.isEmpty() ? new Undefined("there is no last item") : items.get(items.size() - 1);
  }

  private static Object list(@Nullable Object value, Arguments arguments, Frame frame) {
    arguments.bind("list");
    return paid(Values.list(value), frame);
  }

  private static List<@Nullable Object> paid(List<@Nullable Object> items, Frame frame) {
    frame.budget().spendItems(items.size());
    return items;
  }

  private static Object items(@Nullable Object value, Arguments arguments, Frame frame) {
    arguments.bind("items");
    if (value instanceof Undefined) {
      return new Stream(new ArrayList<>());
    }
    return new Stream(Methods.pairs(dictionary("items", value)));
  }

  private static Map<?, ?> dictionary(String filter, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new TemplateException(filter + " needs a dictionary, found " + Values.kind(value));
  }

  private static Object reverse(@Nullable Object value, Arguments arguments, Frame frame) {
    arguments.bind("reverse");
    List<@Nullable Object> items = paid(Values.list(value), frame);
    Collections.reverse(items);
    if (!(value instanceof String)) {
      return new Stream(items);
    }
    return TextMethods.joined("", items, frame.budget());
  }

  private static Object sort(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
    List<@Nullable Object> items = paid(Values.list(value), frame);
    UnaryOperator<@Nullable Object> key = key(bound.orNull(2), bound.flag(1));
    items.sort(ordered(key, bound.flag(0)));
    return items;
  }

  private static Object dictsort(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
    String by = bound.has(1) ? bound.text(1) : "key";
    if (!by.equals("key") && !by.equals("value")) {
      throw new TemplateException("dictsort sorts by \"key\" or \"value\", found \"" + by + "\"");
    }
    List<@Nullable Object> pairs = paid(Methods.pairs(dictionary("dictsort", value)), frame);
    Object index = Long.valueOf(by.equals("key") ? 0 : 1);
    pairs.sort(ordered(key(index, bound.flag(0)), bound.flag(2)));
    return pairs;
  }

  /** What is compared of an item: a part of it or all; texts without case unless it matters. */
  private static UnaryOperator<@Nullable Object> key(@Nullable Object path, boolean caseSensitive) {
    return item -> {
      Object part = path == null ? item : Lookup.path(item, path);
      return part instanceof String text && !caseSensitive ? Strings.lower(text) : part;
    };
  }

  /** Equal items keep their order, also in reverse. */
  private static Comparator<@Nullable Object> ordered(
      UnaryOperator<@Nullable Object> key, boolean reversed) {
    return (a, b) -> {
      int order = Values.compare(key.apply(a), key.apply(b));
      return reversed ? -order : order;
    };
  }

  private static Object unique(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("unique", "case_sensitive", "attribute");
    UnaryOperator<@Nullable Object> key = key(bound.orNull(1), bound.flag(0));
    Map<Object, @Nullable Object> found = new LinkedHashMap<>();
    for (Object each : paid(Values.list(value), frame)) {
      found.putIfAbsent(Values.key(key.apply(each)), each);
    }
    return new Stream(new ArrayList<>(found.values()));
  }

  private static @Nullable Object extreme(
      String name, @Nullable Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind(name, "case_sensitive", "attribute");
    List<@Nullable Object> items = Values.list(value);
    if (items.isEmpty()) {
      return new Undefined("there is no " + name + " of nothing");
    }
    Comparator<@Nullable Object> order =
        ordered(key(bound.orNull(1), bound.flag(0)), name.equals("max"));
    Object best = items.get(0);
    for (Object each : items) {
      best = order.compare(each, best) < 0 ? each : best;
    }
    return best;
  }

  private static @Nullable Object sum(@Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("sum", "attribute", "start");
    Object path = bound.orNull(0);
    Object sum = bound.has(1) ? bound.get(1) : Long.valueOf(0);
    for (Object each : Values.list(value)) {
      Object part = path == null ? each : Lookup.path(each, path);
      sum = Arithmetic.apply(sum, "+", part, frame.budget());
    }
    return sum;
  }

  private static Object map(@Nullable Object value, Arguments arguments, Frame frame) {
    List<@Nullable Object> items = paid(Values.list(value), frame);
    if (arguments.positional().isEmpty()) {
      Arguments.Bound bound = arguments.bind("map", "attribute", "default");
      Object path = bound.get(0);
      items.replaceAll(
          each -> {
            Object part = Lookup.path(each, path);
            return part instanceof Undefined && bound.orNull(1) != null ? bound.get(1) : part;
          });
    } else if (arguments.positional().get(0) instanceof String name) {
      items.replaceAll(each -> Filters.apply(name, each, arguments.from(1), frame));
    } else {
      throw new TemplateException("map needs the name of a filter, or attribute=...");
    }
    return new Stream(items);
  }

  /** The items, or those with an attribute, that pass a test; without one those that are true. */
  private static Object select(
      @Nullable Object value,
      Arguments arguments,
      Frame frame,
      boolean byAttribute,
      boolean wanted) {
    if (byAttribute && arguments.positional().isEmpty()) {
      throw new TemplateException("selectattr and rejectattr need the name of an attribute");
    }
    Arguments test = arguments.from(byAttribute ? 1 : 0);
    List<@Nullable Object> selected = new ArrayList<>();
    for (Object each : Values.list(value)) {
      Object part = byAttribute ? Lookup.path(each, arguments.positional().get(0)) : each;
      if (passes(part, test, frame) == wanted) {
        selected.add(each);
      }
    }
    return new Stream(selected);
  }

  private static boolean passes(@Nullable Object value, Arguments test, Frame frame) {
    if (test.positional().isEmpty()) {
      return Values.truth(value);
    } else if (test.positional().get(0) instanceof String name) {
      return Tests.apply(name, value, test.from(1), frame);
    }
    throw new TemplateException("the name of a test must be a text");
  }
}
