package org.mobilefinetuner.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The JSON objects of a file, one after the other: a line each, or the elements of one array.
 *
 * <p>Only one of them is in memory at a time. Each knows its file and line, and its number in an
 * array, and complaints about it begin with them.
 */
public final class JsonRecords {
  private JsonRecords() {}

  /** Takes one record. */
  @FunctionalInterface
  public interface Sink {
    /**
     * @return whether to go on
     */
    boolean accept(JsonObject object) throws IOException;
  }

  /**
   * Reads a file of UTF-8 text. It is an array if its first character is {@code [}; otherwise empty
   * lines are passed over.
   *
   * @throws FormatException where it is not JSON, or something else than objects
   */
  public static void read(Path file, Sink sink) throws IOException {
    if (isArray(file)) {
      JsonReader.read(file, parser -> array(file, parser, sink));
    } else {
      lines(file, sink);
    }
  }

  private static boolean isArray(Path file) throws IOException {
    try (BufferedReader text = TextFile.open(file)) {
      int c = text.read();
      while (Character.isWhitespace(c)) {
        c = text.read();
      }
      return c == '[';
    }
  }

  private static long array(Path file, JsonParser parser, Sink sink) throws IOException {
    long number = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      number++;
      int line = parser.currentTokenLocation().getLineNr();
      String place = file + ":" + line + " (record " + number + ")";
      if (!sink.accept(JsonReader.object(place, "", parser))) {
        return number;
      }
    }
    if (parser.nextToken() != null) {
      throw new FormatException(
          file + ": expected one JSON array, found more behind it; are there two?");
    }
    return number;
  }

  private static void lines(Path file, Sink sink) throws IOException {
    try (BufferedReader text = TextFile.open(file)) {
      int number = 0;
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        number++;
        boolean empty = line.trim().isEmpty();
        if (!empty && !sink.accept(JsonObject.parse(file + ":" + number, line))) {
          return;
        }
      }
    }
  }
}
