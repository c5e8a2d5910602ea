package org.mobilefinetuner.io;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of UTF-8 text, for reading. A byte order mark at its start, which some editors write, is
 * no part of the text.
 */
public final class TextFile {
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private TextFile() {}

  /**
   * @throws FormatException if it is not UTF-8
   */
  public static String read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return text.isEmpty() || text.charAt(0) != BYTE_ORDER_MARK ? text : text.substring(1);
    } catch (CharacterCodingException e) {
      throw notText(file, e);
    }
  }

  /** The file as a stream, which throws a {@link FormatException} where it is not UTF-8. */
  public static BufferedReader open(Path file) throws IOException {
    Reader decoder =
        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder());
    BufferedReader text = new BufferedReader(new Checked(decoder, file));
    try {
      text.mark(1);
      if (text.read() != BYTE_ORDER_MARK) {
        text.reset();
      }
    } catch (IOException | RuntimeException e) {
      text.close();
      throw e;
    }
    return text;
  }

  private static final class Checked extends FilterReader {
    private final Path file;

    Checked(Reader in, Path file) {
      super(in);
      this.file = file;
    }

    @Override
    public int read(char[] to, int from, int length) throws IOException {
      try {
        return super.read(to, from, length);
      } catch (CharacterCodingException e) {
        throw notText(file, e);
      }
    }
  }

  private static FormatException notText(Path file, CharacterCodingException e) {
    return new FormatException(
        file + ": expected UTF-8 text, found other bytes; is it a binary file?", e);
  }
}
