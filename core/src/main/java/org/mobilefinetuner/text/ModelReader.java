package org.mobilefinetuner.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a vocabulary and its merges, piece by piece, into the tables that stay.
 *
 * <p>A 33 MB file passes through without a second copy of anything in it.
 */
final class ModelReader {
  private static final List<String> SCALARS =
      Arrays.asList(
          "type",
          "unk_token",
          "fuse_unk",
          "byte_fallback",
          "ignore_merges",
          "dropout",
          "continuing_subword_prefix",
          "end_of_word_suffix");

  /** How far ids may be ahead of a file that has a byte for each of them: there are few gaps. */
  private static final int SPARE_IDS = 1 << 18;

  private final String file;
  private final int mostId;
  private final Vocabulary vocabulary = new Vocabulary();
  private final MergeTable merges = new MergeTable();
  private final List<String> waiting = new ArrayList<>(); // merges that came before the vocabulary
  private boolean vocabularyRead;
  private int rank;

  private char[] pair = new char[64]; // the characters of the merge being read: left, then right

  /**
   * @param file what complaints name
   * @param bytes the size of the file that has the vocabulary
   */
  ModelReader(String file, long bytes) {
    this.file = file;
    this.mostId = (int) Math.min(Vocabulary.MAX_ID, SPARE_IDS + bytes);
  }

  /** Reads the object {@code "model"} of a tokenizer.json. */
  Bpe readModel(JsonParser parser) throws IOException {
    String unknown = "";
    boolean fuseUnknown = false;
    boolean byteFallback = false;
    boolean ignoreMerges = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value.isStructStart() && SCALARS.contains(name)) {
        throw unsupported(name, "a list or an object", "a single value");
      }
      switch (name) {
        case "vocab" -> {
          if (value != JsonToken.START_OBJECT) {
            throw unsupported("vocab", "a list (a Unigram model)", "an object, as BPE has it");
          }
          readVocabulary(parser);
        }
        case "merges" -> readMerges(parser);
        case "unk_token" -> unknown = value == JsonToken.VALUE_NULL ? "" : parser.getText();
        case "fuse_unk" -> fuseUnknown = value == JsonToken.VALUE_TRUE;
        case "byte_fallback" -> byteFallback = value == JsonToken.VALUE_TRUE;
        case "ignore_merges" -> ignoreMerges = value == JsonToken.VALUE_TRUE;
        case "type" -> {
          if (!parser.getText().equals("BPE")) {
            throw unsupported(name, parser.getText(), "BPE");
          }
        }
        case "dropout" -> {
          if (value != JsonToken.VALUE_NULL && parser.getDoubleValue() != 0) {
            throw unsupported(name, parser.getText(), "null: tokens must not depend on chance");
          }
        }
        case "continuing_subword_prefix", "end_of_word_suffix" -> {
          if (value != JsonToken.VALUE_NULL && parser.getTextLength() > 0) {
            throw unsupported(name, parser.getText(), "none");
          }
        }
        default -> parser.skipChildren();
      }
    }
    return model(new Bpe.Options(unknown, fuseUnknown, byteFallback, ignoreMerges));
  }

  private IOException unsupported(String field, String found, String wanted) {
    return new IOException(
        file + ": model." + field + " is " + found + ", which is not supported; wanted: " + wanted);
  }

  /** Reads an object of pieces and ids. */
  void readVocabulary(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String piece = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new IOException(
            file + ": the piece \"" + piece + "\" needs a whole number, found " + parser.getText());
      }
      long id = parser.getLongValue();
      if (id < 0 || id > mostId) {
        throw new IOException(
            file
                + ": the piece \""
                + piece
                + "\" has the id "
                + id
                + ", wanted 0 to "
                + mostId
                + "; the file is damaged");
      }
      vocabulary.add(piece.toCharArray(), 0, piece.length(), (int) id);
    }
    vocabularyRead = true;
    for (int i = 0; i < waiting.size(); i += 2) {
      write(waiting.get(i), 0);
      addMerge(waiting.get(i).length(), write(waiting.get(i + 1), waiting.get(i).length()));
    }
    waiting.clear();
  }

  /** Reads a list of merges: {@code "a b"} or {@code ["a", "b"]}. */
  private void readMerges(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw unsupported("merges", parser.getText(), "a list");
    }
    for (JsonToken token; (token = parser.nextToken()) != JsonToken.END_ARRAY; ) {
      if (token == JsonToken.START_ARRAY) {
        parser.nextToken();
        int left = write(parser, 0);
        parser.nextToken();
        addMerge(left, write(parser, left));
        if (parser.nextToken() != JsonToken.END_ARRAY) {
          throw badMerge("more than two pieces");
        }
      } else {
        readMerge(parser.getText());
      }
    }
  }

  /** Reads a merge as merges.txt has it. */
  void readMerge(String line) throws IOException {
    int space = line.indexOf(' ');
    if (space <= 0 || line.indexOf(' ', space + 1) >= 0 || space == line.length() - 1) {
      throw badMerge("\"" + line + "\"");
    }
    write(line.substring(0, space), 0);
    addMerge(space, write(line.substring(space + 1), space));
  }

  private IOException badMerge(String found) {
    return new IOException(
        file + ": merge " + rank + " must be two pieces with a space between, found " + found);
  }

  /** Copies a text into {@link #pair} from {@code at} on; returns where it ends. */
  private int write(String text, int at) {
    reserve(at + text.length());
    text.getChars(0, text.length(), pair, at);
    return at + text.length();
  }

  private int write(JsonParser parser, int at) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw badMerge(String.valueOf(parser.getText()));
    }
    int length = parser.getTextLength();
    reserve(at + length);
    System.arraycopy(parser.getTextCharacters(), parser.getTextOffset(), pair, at, length);
    return at + length;
  }

  private void reserve(int length) {
    if (length > pair.length) {
      pair = Arrays.copyOf(pair, 2 * length);
    }
  }

  /** Adds the merge of pair[0, middle) and pair[middle, end). */
  private void addMerge(int middle, int end) throws IOException {
    if (!vocabularyRead) {
      waiting.add(new String(pair, 0, middle));
      waiting.add(new String(pair, middle, end - middle));
      return;
    }
    merges.add(idOf(0, middle), idOf(middle, end), rank, idOf(0, end));
    rank++;
  }

  private int idOf(int from, int to) throws IOException {
    int id = vocabulary.id(pair, from, to);
    if (id < 0) {
      throw new IOException(
          file
              + ": merge "
              + rank
              + " needs the piece \""
              + new String(pair, from, to - from)
              + "\", which the vocabulary lacks; do both come from the same model?");
    }
    return id;
  }

  /** The model of what has been read. */
  Bpe model(Bpe.Options options) throws IOException {
    if (!vocabularyRead) {
      throw new IOException(file + ": model needs a \"vocab\"; is the file complete?");
    }
    return new Bpe(vocabulary, merges, options);
  }
}
