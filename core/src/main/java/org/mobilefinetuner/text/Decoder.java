package org.mobilefinetuner.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mobilefinetuner.io.JsonObject;

/**
 * Turns pieces back into text.
 *
 * <p>A decoder makes {@link Stage}s, which take one piece after the other, so that the same code
 * decodes a whole answer and one that is still being generated.
 */
sealed interface Decoder
    permits ByteFallback,
        Decoder.ByteLevel,
        Decoder.Replace,
        Decoder.Fuse,
        Decoder.Strip,
        Decoder.Metaspace,
        Decoder.Spaced,
        Decoder.Sequence {

  /** One run of a decoder over the pieces of one text. */
  interface Stage {
    /** Takes the next piece and gives out what is ready. */
    void push(String piece, Consumer<String> out);

    /** Ends the text and gives out the rest. */
    void end(Consumer<String> out);
  }

  /**
   * Begins a text.
   *
   * @param eager whether text is given out as early as its characters are whole
   */
  Stage begin(boolean eager);

  /** The decoder that a field of a tokenizer file describes. */
  static Decoder of(JsonObject field) throws IOException {
    return switch (field.string("type")) {
      case "ByteLevel" -> new ByteLevel();
      case "ByteFallback" -> new ByteFallback();
      case "Fuse" -> new Fuse();
      case "Replace" ->
          new Replace(TextPattern.of(field.object("pattern")), field.string("content"));
      case "Strip" ->
          new Strip(
              field.character("content", ' '), field.integer("start", 0), field.integer("stop", 0));
      case "Metaspace" ->
          new Metaspace(
              field.character("replacement", '\u2581'),
              PreTokenizer.Metaspace.Prefix.of(field) != PreTokenizer.Metaspace.Prefix.NEVER);
      case "Sequence" -> {
        List<Decoder> parts = new ArrayList<>();
        for (JsonObject each : field.objects("decoders")) {
          parts.add(of(each));
        }
        yield new Sequence(parts);
      }
      default ->
          throw field.wrong(
              "type", "one of ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, Sequence");
    };
  }

  /** Reads the {@link ByteLevelAlphabet}; a piece with other characters counts as it is. */
  record ByteLevel() implements Decoder {
    @Override
    public Stage begin(boolean eager) {
      var utf8 = new Utf8();
      var text = new StringBuilder();
      return new Stage() {
        @Override
        public void push(String piece, Consumer<String> out) {
          if (isSpelled(piece)) {
            for (int i = 0; i < piece.length(); i++) {
              utf8.push(ByteLevelAlphabet.byteOf(piece.charAt(i)), text);
            }
          } else {
            utf8.end(text);
            text.append(piece);
          }
          flush(out);
        }

        @Override
        public void end(Consumer<String> out) {
          utf8.end(text);
          flush(out);
        }

        private void flush(Consumer<String> out) {
          if (text.length() > 0) {
            out.accept(text.toString());
            text.setLength(0);
          }
        }
      };
    }

    private static boolean isSpelled(String piece) {
      for (int i = 0; i < piece.length(); i++) {
        if (ByteLevelAlphabet.byteOf(piece.charAt(i)) < 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** Puts {@code content} in the place of every match in a piece. */
  record Replace(TextPattern pattern, String content) implements Decoder {
    @Override
    public Stage begin(boolean eager) {
      var replacement = new Normalizer.Replace(pattern, content);
      return new PieceByPiece() {
        @Override
        String change(String piece) {
          return replacement.apply(Span.of(piece, false)).toString();
        }
      };
    }
  }

  /** Makes one piece of all; what comes after it in a {@link Sequence} knows. */
  record Fuse() implements Decoder {
    @Override
    public Stage begin(boolean eager) {
      return new PieceByPiece() {
        @Override
        String change(String piece) {
          return piece;
        }
      };
    }
  }

  /** Takes up to {@code start} and {@code stop} times a character from the ends of a piece. */
  record Strip(char content, int start, int stop) implements Decoder {
    @Override
    public Stage begin(boolean eager) {
      return new PieceByPiece() {
        @Override
        String change(String piece) {
          int from = 0;
          while (from < Math.min(start, piece.length()) && piece.charAt(from) == content) {
            from++;
          }
          int to = piece.length();
          while (to > from && piece.length() - to < stop && piece.charAt(to - 1) == content) {
            to--;
          }
          return piece.substring(from, to);
        }
      };
    }
  }

  /** Writes the replacement as a space, and leaves it out of the first piece. */
  record Metaspace(char replacement, boolean dropFirst) implements Decoder {
    @Override
    public Stage begin(boolean eager) {
      return new PieceByPiece() {
        private boolean first = dropFirst;

        @Override
        String change(String piece) {
          String sign = String.valueOf(replacement);
          String text = first ? piece.replace(sign, "") : piece.replace(replacement, ' ');
          first = false;
          return text;
        }
      };
    }
  }

  /** Puts a space between pieces: what is done where a tokenizer file has no decoder. */
  record Spaced() implements Decoder {
    @Override
    public Stage begin(boolean eager) {
      return new PieceByPiece() {
        private boolean first = true;

        @Override
        String change(String piece) {
          String text = first ? piece : " " + piece;
          first = false;
          return text;
        }
      };
    }
  }

  /** One after the other. */
  record Sequence(List<Decoder> parts) implements Decoder {
    @Override
    public Stage begin(boolean eager) {
      List<Stage> stages = new ArrayList<>();
      boolean fused = false;
      for (Decoder part : parts) {
        Stage stage = part.begin(eager);
        stages.add(fused ? new Fused(part, stage) : stage);
        fused |= part instanceof Fuse || part instanceof ByteLevel;
      }
      return new Chain(stages);
    }
  }

  /** A stage that changes each piece by itself. */
  abstract class PieceByPiece implements Stage {
    abstract String change(String piece);

    @Override
    public void push(String piece, Consumer<String> out) {
      out.accept(change(piece));
    }

    @Override
    public void end(Consumer<String> out) {}
  }
}
