package org.mobilefinetuner.text;

import java.text.Normalizer.Form;

/**
 * One of Unicode's normalization forms (Unicode Standard Annex 15), as Unicode 9 has them.
 *
 * <p>The reference tokenizers stayed with that version. Characters that came later are left alone
 * like there, and keep their neighbours apart, so that the result is the same whatever version the
 * platform knows.
 */
record UnicodeForm(Form form) implements Normalizer {
  @Override
  public Span apply(Span text) {
    if (isNormalized(text.toString())) {
      return text;
    }
    var writer = new Span.Writer(text, text.length() + 16);
    for (int at = text.from, end; at < text.to; at = end) {
      end = at + text.widthAt(at);
      if (UnicodeClasses.isUnnormalized(text.codePointAt(at))) {
        writer.copy(at, end);
        continue;
      }
      // With offsets, stretches that normalize alone, so that each result knows its own stretch.
      while (end < text.to
          && !UnicodeClasses.isUnnormalized(text.codePointAt(end))
          && !(text.tracked && startsStretch(text.codePointAt(end)))) {
        end += text.widthAt(end);
      }
      String stretch = text.slice(at, end).toString();
      if (isNormalized(stretch)) {
        writer.copy(at, end);
      } else {
        writer.addAll(java.text.Normalizer.normalize(MarkOrder.sorted(stretch), form), at, end);
      }
    }
    return writer.done();
  }

  private boolean isNormalized(String text) {
    String ordered = MarkOrder.sorted(text); // asked about others, the platform sorts them itself
    return ordered.equals(text) && java.text.Normalizer.isNormalized(text, form);
  }

  /** Whether nothing before a character can reorder or compose with it. */
  private static boolean startsStretch(int codePoint) {
    if (codePoint < 0x300) {
      return true;
    }
    String c = new String(Character.toChars(codePoint));
    int first = java.text.Normalizer.normalize(c, Form.NFKD).codePointAt(0);
    boolean mayCompose =
        switch (Character.getType(first)) {
          case Character.NON_SPACING_MARK,
              Character.ENCLOSING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.UNASSIGNED ->
              true; // the last: perhaps a mark of a later version
          default -> first >= 0x1160 && first <= 0x11ff; // vowels and finals of Hangul
        };
    return !mayCompose;
  }
}
