package org.mobilefinetuner.text.template;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The filters, {@code value | name(arguments)}, by their name.
 *
 * <p>{@code safe} gives its text as it is. In jinja2 the text is marked, and what is added to it
 * with {@code +} is escaped for HTML; no chat template wants that.
 */
final class Filters {
  /** What a filter does with a value. */
  @FunctionalInterface
  interface Filter {
    @Nullable Object apply(@Nullable Object value, Arguments arguments, Frame frame);
  }

  private static final Map<String, Filter> ALL = all();

  private Filters() {}

  private static Map<String, Filter> all() {
    Map<String, Filter> filters = new TreeMap<>();
    TextFilters.addTo(filters);
    SequenceFilters.addTo(filters);
    filters.put("default", Filters::defaulted);
    filters.put("d", Filters::defaulted);
    filters.put("tojson", (value, arguments, frame) -> Json.filter(value, arguments, frame));
    return Collections.unmodifiableMap(filters);
  }

  private static @Nullable Object defaulted(
      @Nullable Object value, Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("default", "default_value", "boolean");
    boolean absent = value instanceof Undefined || (bound.flag(1) && !Values.truth(value));
    if (!absent) {
      return value;
    }
    return bound.has(0) ? bound.get(0) : "";
  }

  /** Complains about a filter that does not exist here. */
  static void require(String name, int line) {
    if (!ALL.containsKey(name)) {
      throw new TemplateException(
          line,
          "the filter '"
              + name
              + "' is not supported; supported are "
              + String.join(", ", ALL.keySet()));
    }
  }

  static @Nullable Object apply(
      String name, @Nullable Object value, Arguments arguments, Frame frame) {
    Filter filter = ALL.get(name);
    if (filter == null) { // a name that was computed: map(name)
      throw new TemplateException("the filter '" + name + "' is not supported");
    }
    frame.budget().spendWalk(value);
    return filter.apply(value, arguments, frame);
  }
}
