package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A loop while it runs, which templates see as {@code loop}.
 *
 * <p>The filter is asked no earlier than needed: a body may change what it depends on.
 */
final class Loop {
  private final Iterator<@Nullable Object> items;
  private final Predicate<@Nullable Object> filter;

  /** The items that take part, as far as they were looked at. */
  private final List<@Nullable Object> seen = new ArrayList<>();

  /** How many of them had their turn, the current one included. */
  private int taken;

  Loop(Iterator<@Nullable Object> items, Predicate<@Nullable Object> filter) {
    this.items = items;
    this.filter = filter;
  }

  boolean hasNext() {
    while (seen.size() == taken && items.hasNext()) {
      look();
    }
    return seen.size() > taken;
  }

  private void look() {
    Object item = items.next();
    if (filter.test(item)) {
      seen.add(item);
    }
  }

  @Nullable Object next() {
    return seen.get(taken++);
  }

  /** The number of all items, which are looked at for it. */
  private long length() {
    while (items.hasNext()) {
      look();
    }
    return seen.size();
  }

  @Nullable Object attribute(String name) {
    return switch (name) {
      case "index" -> (long) taken;
      case "index0" -> taken - 1L;
      case "first" -> taken == 1;
      case "last" -> !hasNext();
      case "length" -> length();
      case "revindex" -> length() - taken + 1;
      case "revindex0" -> length() - taken;
      case "previtem" ->
          taken > 1 ? seen.get(taken - 2) : new Undefined("there is no previous item");
      case "nextitem" -> hasNext() ? seen.get(taken) : new Undefined("there is no next item");
      case "cycle" -> (Callable) (arguments, frame) -> cycle(arguments.positional());
      case "changed", "depth", "depth0" ->
          throw new TemplateException("loop." + name + " is not supported");
      default -> new Undefined("loop has no attribute '" + name + "'");
    };
  }

  private @Nullable Object cycle(List<@Nullable Object> values) {
    if (values.isEmpty()) {
      throw new TemplateException("loop.cycle needs at least one value");
    }
    return values.get((taken - 1) % values.size());
  }
}
