package org.mobilefinetuner.text;

import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;
import org.mobilefinetuner.io.JsonObject;

/** Cuts a span at the matches of a pattern; a {@link Behavior} says where the matches go. */
record Splitter(TextPattern pattern, Behavior behavior, boolean invert) implements PreTokenizer {

  /** What becomes of a match. */
  enum Behavior {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    /** Neighbouring matches become one. */
    CONTIGUOUS;

    /** Whether a segment becomes one with the segment before it. */
    boolean joins(boolean beforeMatches, boolean matches) {
      return switch (this) {
        case CONTIGUOUS -> beforeMatches == matches;
        case MERGED_WITH_PREVIOUS -> matches && !beforeMatches;
        case MERGED_WITH_NEXT -> !matches && beforeMatches;
        case REMOVED, ISOLATED -> false;
      };
    }

    /** The behaviour that a tokenizer file names: {@code MergedWithNext}, merged_with_next. */
    static Behavior of(JsonObject field) throws IOException {
      String name = field.string("behavior");
      for (Behavior each : values()) {
        String plain = each.name().replace("_", "");
        if (plain.equals(name.replace("_", "").toUpperCase(Locale.ROOT))) {
          return each;
        }
      }
      throw field.wrong("has the unknown behavior \"" + name + "\"");
    }
  }

  /** Cuts numbers from the rest, and if so asked from each other. */
  static Splitter digits(JsonObject field) throws IOException {
    boolean each = field.bool("individual_digits", false);
    Behavior behavior = each ? Behavior.ISOLATED : Behavior.CONTIGUOUS;
    return new Splitter(new TextPattern.Digit(), behavior, false);
  }

  @Override
  public void split(Span text, Consumer<Span> out) {
    var parts = new Parts(text, out);
    pattern.findAll(text, parts);
    parts.finish();
  }

  /** Turns matches and what lies between them into parts. */
  private final class Parts implements TextPattern.Matches {
    private final Span text;
    private final Consumer<Span> out;
    private int done; // all before this has been seen
    private int from; // the part that may still grow: [from, done)
    private boolean matched; // whether its last segment was a match

    Parts(Span text, Consumer<Span> out) {
      this.text = text;
      this.out = out;
      done = text.from;
      from = text.from;
    }

    @Override
    public void match(int start, int end) {
      segment(start, invert);
      segment(end, !invert);
    }

    /** The segment from where the last one ended. */
    private void segment(int end, boolean matches) {
      if (end == done) {
        return;
      }
      if (done == from || !behavior.joins(matched, matches)) {
        emit();
        from = done;
      }
      done = end;
      matched = matches;
    }

    private void emit() {
      if (done > from && !(matched && behavior == Behavior.REMOVED)) {
        out.accept(text.slice(from, done));
      }
    }

    void finish() {
      segment(text.to, invert);
      emit();
    }
  }
}
