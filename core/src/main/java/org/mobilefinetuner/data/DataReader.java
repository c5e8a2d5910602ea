package org.mobilefinetuner.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.text.Tokenizer;

/**
 * Reads a data file into token sequences.
 *
 * <ul>
 *   <li>a {@code .txt} file or any other that is not JSONL: one text, tokenised whole and cut into
 *       blocks of the maximal length;
 *   <li>JSONL with {@code text}: one example a line, the end token behind it;
 *   <li>JSONL with {@code prompt} and {@code completion}: only the completion and the end token are
 *       predicted;
 *   <li>JSONL with {@code input_ids} and optional {@code labels} (-100 where nothing is predicted).
 * </ul>
 */
public final class DataReader {
  private final @Nullable Tokenizer tokenizer;
  private final int vocabulary;
  private final int maxLength;

  /**
   * @param tokenizer needed for all but {@code input_ids}
   * @param vocabulary the size of the model's embedding
   * @param maxLength sequences are cut to this many tokens
   */
  public DataReader(@Nullable Tokenizer tokenizer, int vocabulary, int maxLength) {
    if (maxLength < 2) {
      throw new IllegalArgumentException(
          "expected a maximal length of at least 2 tokens, found " + maxLength);
    }
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.maxLength = maxLength;
  }

  /**
   * @throws FormatException with file and line if a record is not what the first one promised, or
   *     if nothing in the file can be learned from
   */
  public DataSet read(Path file) throws IOException {
    String name = file.getFileName().toString();
    DataSet set = name.endsWith(".jsonl") || name.endsWith(".json") ? jsonl(file) : text(file);
    if (set.examples().isEmpty()) {
      throw new FormatException(
          file
              + ": expected at least one example with a token to predict, found none"
              + (set.dropped() > 0 ? " (" + set.dropped() + " have no supervised token)" : "")
              + "; is the file empty?");
    }
    return set;
  }

  private DataSet text(Path file) throws IOException {
    int[] ids = encode(file + "", TextFile.read(file));
    List<Sequence> examples = new ArrayList<>();
    for (int at = 0; at + 1 < ids.length; at += maxLength) {
      int[] block = Arrays.copyOfRange(ids, at, Math.min(ids.length, at + maxLength));
      if (block.length > 1) {
        examples.add(new Sequence(examples.size(), block, block.clone()));
      }
    }
    return new DataSet(examples, "text", 0, 0);
  }

  private DataSet jsonl(Path file) throws IOException {
    List<Sequence> examples = new ArrayList<>();
    String kind = "";
    int truncated = 0;
    int dropped = 0;
    int number = 0;
    try (BufferedReader lines = TextFile.open(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (line.isEmpty()) {
          continue;
        }
        String place = file + ":" + number;
        JsonObject record = JsonObject.parse(place, line);
        String found = kind(place, record);
        if (kind.isEmpty()) {
          kind = found;
        } else if (!kind.equals(found)) {
          throw new FormatException(
              place + ": expected a " + kind + " record as on the first line, found " + found);
        }
        Sequence full = sequence(place, number - 1, kind, record);
        boolean tooLong = full.ids().length > maxLength;
        Sequence cut = tooLong ? cut(full) : full;
        truncated += tooLong ? 1 : 0;
        if (cut.supervised() == 0) {
          dropped++;
        } else {
          examples.add(cut);
        }
      }
    }
    return new DataSet(examples, kind, truncated, dropped);
  }

  private static String kind(String place, JsonObject record) throws FormatException {
    if (record.has("input_ids")) {
      return "input_ids";
    }
    if (record.has("prompt") && record.has("completion")) {
      return "prompt/completion";
    }
    if (record.has("text")) {
      return "text";
    }
    throw new FormatException(
        place
            + ": expected the keys prompt and completion, text, or input_ids, found "
            + record.keys());
  }

  private Sequence sequence(String place, long id, String kind, JsonObject record)
      throws IOException {
    if (kind.equals("input_ids")) {
      int[] ids = record.integers("input_ids");
      int[] labels = record.has("labels") ? record.integers("labels") : ids.clone();
      checkIds(place, ids);
      return checked(place, id, ids, labels);
    }
    int[] prompt = kind.equals("text") ? new int[0] : encode(place, record.string("prompt"));
    int[] rest = encode(place, record.string(kind.equals("text") ? "text" : "completion"));
    OptionalInt end = tokenizer == null ? OptionalInt.empty() : tokenizer.eosId();
    int length = prompt.length + rest.length + (end.isPresent() ? 1 : 0);
    int[] ids = Arrays.copyOf(prompt, length);
    System.arraycopy(rest, 0, ids, prompt.length, rest.length);
    if (end.isPresent()) {
      ids[length - 1] = end.getAsInt();
    }
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, prompt.length, LinearCrossEntropy.IGNORE);
    return checked(place, id, ids, labels);
  }

  private Sequence checked(String place, long id, int[] ids, int[] labels) throws FormatException {
    if (ids.length == 0 || ids.length != labels.length) {
      throw new FormatException(
          place
              + ": expected at least one token and as many labels, found "
              + ids.length
              + " tokens and "
              + labels.length
              + " labels");
    }
    for (int label : labels) {
      if (label != LinearCrossEntropy.IGNORE && (label < 0 || label >= vocabulary)) {
        throw new FormatException(
            place + ": expected labels of -100 or below " + vocabulary + ", found " + label);
      }
    }
    return new Sequence(id, ids, labels);
  }

  private Sequence cut(Sequence s) {
    return new Sequence(
        s.id(), Arrays.copyOf(s.ids(), maxLength), Arrays.copyOf(s.labels(), maxLength));
  }

  private int[] encode(String place, String text) throws FormatException {
    if (tokenizer == null) {
      throw new FormatException(
          place
              + ": text needs a tokenizer; expected tokenizer.json, or vocab.json and merges.txt, "
              + "in the model folder, found none");
    }
    int[] ids = tokenizer.encode(text);
    checkIds(place, ids);
    return ids;
  }

  private void checkIds(String place, int[] ids) throws FormatException {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new FormatException(
            place
                + ": expected token ids below the embedding's "
                + vocabulary
                + " rows, found "
                + id
                + "; does the tokenizer belong to this model?");
      }
    }
  }
}
