package org.mobilefinetuner.text.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much one rendering may still do. What a template costs is for its author to decide and for
 * somebody else to pay, so it is bounded: in work, in the length of the text and in depth.
 *
 * <p>A unit of work is a node of the tree that is evaluated, an item or a character that is looked
 * at, or about a byte of memory. A long conversation takes a few units per character.
 */
final class Budget {
  private static final long WORK = 50_000_000;
  private static final int OUTPUT = 16_000_000;
  private static final int DEPTH = 300;

  private final int output;
  private long work;
  private int depth;

  Budget() {
    this(WORK, OUTPUT);
  }

  Budget(long work, int output) {
    this.work = work;
    this.output = output;
  }

  /** Pays for work that is about to be done. */
  void spend(long units) {
    work -= units;
    if (work < 0) {
      throw new TemplateException("the template works without end; is there a loop that grows?");
    }
  }

  /** Pays for a list of items that already are. */
  void spendItems(long items) {
    spend(4 * items);
  }

  /** Pays for as many new numbers. */
  void spendNumbers(long numbers) {
    spend(32 * numbers);
  }

  /** Pays for a walk through a text or through the items of a value. */
  void spendWalk(@Nullable Object value) {
    if (value instanceof String text) {
      spend(text.length());
    } else if (value instanceof List<?> list) {
      spend(list.size());
    } else if (value instanceof Map<?, ?> map) {
      spend(map.size());
    } else if (value instanceof Tuple tuple) {
      spend(tuple.items().size());
    } else if (value instanceof View view) {
      spend(view.items().size());
    }
  }

  /** Goes one level down: an expression in an expression, a statement in a statement. */
  void enter() {
    spend(1);
    if (++depth > DEPTH) {
      throw new TemplateException(
          "the template is nested deeper than " + DEPTH + " levels; does a macro call itself?");
    }
  }

  void leave() {
    depth--;
  }

  /** Makes sure that a text may become this long. */
  void requireLength(long characters) {
    if (characters > output) {
      throw new TemplateException(
          "the template makes a text of more than " + output + " characters");
    }
  }
}
