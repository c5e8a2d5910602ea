package org.mobilefinetuner.io;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.Reader;

/** Says where a text is no JSON, and what stands there instead. */
final class JsonMistake {
  private static final int BEFORE = 24; // characters that are quoted before the place
  private static final int BEHIND = 8;

  private JsonMistake() {}

  /**
   * @param text the text from its beginning; it is closed
   * @param oneLine whether it is known to be a single line, whose number needs no saying
   */
  static FormatException in(String source, Reader text, boolean oneLine, JsonProcessingException e)
      throws IOException {
    return new FormatException(source + ": expected " + facts(text, oneLine, e), e);
  }

  private static String facts(Reader text, boolean oneLine, JsonProcessingException e)
      throws IOException {
    try (text) {
      JsonLocation at = e.getLocation();
      if (e instanceof StreamConstraintsException || at == null) {
        return "JSON of at most 1000 levels and digits in a number, found more";
      }
      String place =
          (oneLine ? " at column " : " at line " + at.getLineNr() + ", column ") + at.getColumnNr();
      return e.getOriginalMessage().startsWith("Unexpected end-of-input")
          ? "JSON to go on, found its end" + place + "; is the file complete?"
          : "JSON, found "
              + quote(text, at.getCharOffset())
              + place
              + "; correct it, or get the file anew";
    }
  }

  private static String quote(Reader text, long place) throws IOException {
    long skipped = 1;
    for (long left = place - BEFORE; left > 0 && skipped > 0; left -= skipped) {
      skipped = text.skip(left);
    }
    char[] some = new char[(int) Math.min(place, BEFORE) + BEHIND];
    int length = 0;
    for (int n; length < some.length; length += n) {
      n = text.read(some, length, some.length - length);
      if (n < 0) {
        break;
      }
    }
    return "<" + new String(some, 0, length).replaceAll("\\s+", " ").trim() + ">";
  }
}
