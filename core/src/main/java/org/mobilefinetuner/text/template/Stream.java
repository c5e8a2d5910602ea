package org.mobilefinetuner.text.template;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code map}, {@code select} and the like give: items that can be looped over once, have no
 * length, and are true even if there are none.
 */
final class Stream implements Iterable<@Nullable Object> {
  private final Iterator<@Nullable Object> items;

  Stream(List<@Nullable Object> items) {
    this.items = items.iterator();
  }

  /** The items that nobody has taken yet. */
  @Override
  public Iterator<@Nullable Object> iterator() {
    return items;
  }
}
