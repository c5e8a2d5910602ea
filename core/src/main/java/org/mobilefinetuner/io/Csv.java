package org.mobilefinetuner.io;

import java.util.ArrayList;
import java.util.List;

/**
 * Records of comma-separated values, with quotes, and line breaks inside them (RFC 4180).
 *
 * <p>As Python's {@code csv} reads them: only a quote at the start of a field opens it, two quotes
 * inside are one, and empty lines are no records.
 */
public final class Csv {
  private static final int END = -1;

  private final String source;
  private final String text;
  private int at;
  private int line = 1;

  private Csv(String source, String text) {
    this.source = source;
    this.text = text;
  }

  /**
   * All records of a text.
   *
   * @param source names the text in messages
   * @throws FormatException if a quote is not closed
   */
  public static List<List<String>> parse(String source, String text) throws FormatException {
    Csv csv = new Csv(source, text);
    csv.at = text.startsWith("\ufeff") ? 1 : 0; // a byte order mark
    List<List<String>> records = new ArrayList<>();
    while (csv.at < text.length()) {
      if (!csv.lineBreak()) {
        records.add(csv.row());
      }
    }
    return records;
  }

  private List<String> row() throws FormatException {
    List<String> fields = new ArrayList<>();
    do {
      fields.add(field());
    } while (comma());
    lineBreak();
    return fields;
  }

  private String field() throws FormatException {
    StringBuilder field = new StringBuilder();
    if (peek() == '"') {
      quoted(field);
    }
    for (int c = peek(); c != ',' && c != '\n' && c != '\r' && c != END; c = peek()) {
      field.append((char) c);
      at++;
    }
    return field.toString();
  }

  private void quoted(StringBuilder field) throws FormatException {
    int opened = line;
    at++;
    while (true) {
      int c = peek();
      if (c == END) {
        throw new FormatException(
            source + ":" + opened + ": expected a quote that ends the field, found none");
      }
      at++;
      if (c == '"') {
        if (peek() != '"') {
          return;
        }
        at++;
      }
      line += c == '\n' ? 1 : 0;
      field.append((char) c);
    }
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private boolean comma() {
    boolean there = peek() == ',';
    at += there ? 1 : 0;
    return there;
  }

  private boolean lineBreak() {
    int before = at;
    at += peek() == '\r' ? 1 : 0;
    at += peek() == '\n' ? 1 : 0;
    line += at > before ? 1 : 0;
    return at > before;
  }
}
