package org.mobilefinetuner.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Ways to damage a file, by what its format takes to get past the first check. */
public enum Damage {
  /** Any bytes. */
  BYTES {
    @Override
    byte[] once(byte[] file, Random random) {
      return bytes(file, random);
    }
  },
  /** JSON, one value or one a line: its bytes, its numbers and its values. */
  JSON {
    @Override
    byte[] once(byte[] file, Random random) {
      return random.nextInt(3) == 0 ? bytes(file, random) : json(file, random);
    }
  },
  /** Safetensors: its bytes, or the JSON of its header, whose length is then right again. */
  SAFETENSORS {
    @Override
    byte[] once(byte[] file, Random random) {
      if (random.nextInt(3) == 0 || file.length < 8) {
        return bytes(file, random);
      }
      ByteBuffer numbers = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
      int end = (int) Math.max(8, Math.min(file.length, 8 + numbers.getLong(0)));
      byte[] header = json(Arrays.copyOfRange(file, 8, end), random);
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      return joined(
          length.putLong(0, header.length).array(),
          header,
          Arrays.copyOfRange(file, end, file.length));
    }
  };

  private static final String[] NUMBERS = {
    "-1",
    "0",
    "1",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967297",
    "4194303",
    "999999",
    "9223372036854775807",
    "9223372036854775808",
    "9".repeat(40),
    "9".repeat(1500),
    "1e400",
    "1e-400",
    "-0.0",
    "1.5",
    "1e9",
    "0x10",
    "01",
    "NaN",
    "Infinity",
    "1e999999999"
  };

  private static final String[] VALUES = {
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "\"x\"",
    "[[\"a\"]]",
    "[null]",
    "{\"type\":\"Sequence\"}",
    "{\"\":{}}",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"(((((\"",
    "\"(a+)+$\"",
    "\"[^\"",
    "[1,-1,1e99]",
    "[".repeat(2000),
    "{\"a\":".repeat(2000),
    "[".repeat(50) + "]".repeat(50),
    "{\"a\":1,\"a\":2}"
  };

  private static final String[] TEXTS = {
    "",
    "x",
    "\\ud800",
    "\\u0000",
    "\\ud83d\\ude42",
    "\\q",
    "\n",
    "a".repeat(5000),
    "(".repeat(3000),
    "(a+)+$",
    "(.+)+!",
    "(?:a|b)*c",
    "[^",
    "\\\\p{Nope}",
    "type",
    "../../x",
    "input_ids"
  };

  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    255,
    65_536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 40,
    100_000_000,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE / 8
  };

  abstract byte[] once(byte[] file, Random random);

  /** A copy with one damage or, less often, some; the same for the same seed. */
  public byte[] of(byte[] whole, long seed) {
    Random random = new Random(seed * 0x9e3779b97f4a7c15L);
    byte[] file = whole.clone();
    do {
      file = once(file, random);
    } while (random.nextInt(4) == 0);
    return file;
  }

  /** Bits turned, bytes cut off, put in, taken out or repeated, and numbers made extreme. */
  private static byte[] bytes(byte[] file, Random random) {
    if (file.length == 0) {
      return file;
    }
    byte[] copy = file.clone();
    int at = random.nextInt(random.nextBoolean() ? Math.min(1000, file.length) : file.length);
    int run = Math.min(file.length - at, 1 + random.nextInt(16));
    switch (random.nextInt(7)) {
      case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> Arrays.fill(copy, at, at + run, (byte) (random.nextInt(3) - 1));
      case 2 -> {
        byte[] number = new byte[8];
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
        int width = Math.min(random.nextBoolean() ? 4 : 8, file.length - at);
        System.arraycopy(number, 0, copy, at, width);
      }
      case 3 -> {
        return Arrays.copyOf(file, at);
      }
      case 4 -> {
        byte[] some = new byte[run];
        random.nextBytes(some);
        return spliced(file, at, at, some);
      }
      case 5 -> {
        return spliced(file, at, at + run, new byte[0]);
      }
      default -> {
        int end = Math.min(file.length, at + random.nextInt(200));
        return spliced(file, at, at, Arrays.copyOfRange(file, at, end));
      }
    }
    return copy;
  }

  /** Another number, text or value in the place of one, or one that the file has elsewhere. */
  private static byte[] json(byte[] file, Random random) {
    String text = new String(file, StandardCharsets.ISO_8859_1); // a char for each byte
    int from = random.nextInt(text.length() + 1);
    return switch (random.nextInt(4)) {
      case 0 -> number(text, from, NUMBERS[random.nextInt(NUMBERS.length)]);
      case 1 -> {
        int at = text.indexOf('"', from) + 1;
        int end = Math.max(at, text.indexOf('"', at));
        yield replaced(text, at, end, TEXTS[random.nextInt(TEXTS.length)]);
      }
      case 2 -> {
        int other = value(text, random.nextInt(text.length() + 1));
        yield value(text, from, text.substring(other, endOfValue(text, other)));
      }
      default -> value(text, from, VALUES[random.nextInt(VALUES.length)]);
    };
  }

  private static byte[] number(String text, int from, String by) {
    int at = from;
    while (at < text.length() && !isDigit(text, at)) {
      at++;
    }
    int end = at;
    while (end < text.length() && isDigit(text, end)) {
      end++;
    }
    return replaced(text, at, end, by);
  }

  private static byte[] value(String text, int from, String by) {
    int at = value(text, from);
    return replaced(text, at, endOfValue(text, at), by);
  }

  /** Where behind {@code from} the value of a key begins. */
  private static int value(String text, int from) {
    int colon = text.indexOf("\":", from);
    return colon < 0 ? text.length() : colon + 2;
  }

  private static boolean isDigit(String text, int at) {
    return text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private static int endOfValue(String text, int at) {
    int depth = 0;
    for (int end = at; end < text.length(); end++) {
      char c = text.charAt(end);
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (depth < 0 || depth == 0 && c == ',') {
        return end;
      }
    }
    return text.length();
  }

  private static byte[] replaced(String text, int from, int to, String by) {
    return (text.substring(0, from) + by + text.substring(to))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] spliced(byte[] file, int from, int to, byte[] by) {
    return joined(Arrays.copyOf(file, from), by, Arrays.copyOfRange(file, to, file.length));
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
