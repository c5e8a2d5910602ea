package org.mobilefinetuner.eval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The tokens of a golden file, their padding removed, and its reference values.
 *
 * <p>The file holds {@code input_ids}, {@code attention_mask} and {@code labels}, all [B, S], and
 * any of {@code logits} [B, S, V], {@code hidden.N} [B, S, d], {@code token_nll} [B, S - 1] and
 * {@code grad.NAME}. A file without a mask has no padding, one without labels has no loss.
 */
final class GoldenFile {
  private static final String IDS = "input_ids";

  private final Safetensors file;
  private final int rows;
  private final int length;
  private final Batch batch;
  private final int[] places; // token of the batch -> place in [B, S]
  private final int supervised;

  private GoldenFile(
      Safetensors file, int rows, int length, Batch batch, int[] places, int supervised) {
    this.file = file;
    this.rows = rows;
    this.length = length;
    this.batch = batch;
    this.places = places;
    this.supervised = supervised;
  }

  static GoldenFile read(Safetensors file, Model model) throws IOException {
    if (!file.names().contains(IDS)) {
      throw new FormatException(
          file + ": expected a tensor input_ids, found " + new TreeSet<>(file.names()));
    }
    int[] shape = file.shape(IDS);
    if (shape.length != 2 || shape[0] < 1 || shape[1] < 1) {
      throw new FormatException(
          file + ": expected input_ids [B, S], found " + Arrays.toString(shape));
    }
    int length = shape[1];
    long[] ids = file.integers(IDS);
    long[] mask = integers(file, "attention_mask", shape, 1);
    long[] labels = integers(file, "labels", shape, LinearCrossEntropy.IGNORE);
    List<Batch.Sequence> sequences = new ArrayList<>();
    int[] places = new int[ids.length];
    int tokens = 0;
    int supervised = 0;
    for (int row = 0; row < shape[0]; row++) {
      int first = row * length;
      int end = first + length;
      while (first < end && mask[first] == 0) {
        first++;
      }
      while (end > first && mask[end - 1] == 0) {
        end--;
      }
      for (int at = first; at < end; at++) {
        if (mask[at] != 1) {
          throw new FormatException(
              file
                  + ": expected the ones of attention_mask in one piece, row "
                  + row
                  + " has gaps");
        }
        places[tokens++] = at;
      }
      if (end > first) {
        sequences.add(
            new Batch.Sequence(
                row,
                tokens(file, IDS, ids, first, end, model),
                tokens(file, "labels", labels, first, end, model)));
      }
      for (int at = row * length + 1; at < (row + 1) * length; at++) {
        supervised += labels[at] == LinearCrossEntropy.IGNORE ? 0 : 1;
      }
    }
    if (tokens == 0) {
      throw new FormatException(file + ": expected a 1 in attention_mask, found only padding");
    }
    Batch batch = Batch.of(sequences, 1f / Math.max(1, supervised));
    return new GoldenFile(file, shape[0], length, batch, Arrays.copyOf(places, tokens), supervised);
  }

  private static long[] integers(Safetensors file, String name, int[] shape, long otherwise)
      throws IOException {
    if (!file.names().contains(name)) {
      long[] values = new long[shape[0] * shape[1]];
      Arrays.fill(values, otherwise);
      return values;
    }
    require(file, name, shape);
    return file.integers(name);
  }

  private static int[] tokens(
      Safetensors file, String name, long[] values, int first, int end, Model model)
      throws FormatException {
    if (end - first > model.positions()) {
      throw new FormatException(
          file
              + ": a row has "
              + (end - first)
              + " tokens, the model at most "
              + model.positions()
              + "; is the file from another model?");
    }
    int[] tokens = new int[end - first];
    for (int i = 0; i < tokens.length; i++) {
      long value = values[first + i];
      boolean ignored = name.equals("labels") && value == LinearCrossEntropy.IGNORE;
      if (!ignored && (value < 0 || value >= model.vocabulary())) {
        throw new FormatException(
            file
                + ": "
                + name
                + ": expected tokens below "
                + model.vocabulary()
                + ", found "
                + value
                + "; is the file from another model?");
      }
      tokens[i] = (int) value;
    }
    return tokens;
  }

  private static void require(Safetensors file, String name, int... shape) throws IOException {
    if (!Arrays.equals(file.shape(name), shape)) {
      throw new FormatException(
          file
              + ": "
              + name
              + ": expected "
              + Arrays.toString(shape)
              + ", the file has "
              + Arrays.toString(file.shape(name))
              + "; is it from another model?");
    }
  }

  /** All sequences with their labels; the scale makes the sum of their losses the mean. */
  Batch batch() {
    return batch;
  }

  /** How many labels have a loss. */
  int supervised() {
    return supervised;
  }

  /** The place in [B, S] of token {@code token} of the batch. */
  int place(int token) {
    return places[token];
  }

  /** The entry of {@code token_nll} that belongs to a token, or -1: a row's last has none. */
  int lossPlace(int token) {
    int row = places[token] / length;
    int column = places[token] % length;
    return column == length - 1 ? -1 : row * (length - 1) + column;
  }

  boolean has(String name) {
    return file.names().contains(name);
  }

  Iterable<String> names() {
    return new TreeSet<>(file.names());
  }

  /** Reference values per token: [B, S, width]. */
  Tensor perToken(String name, int width) throws IOException {
    require(file, name, rows, length, width);
    return file.tensor(name);
  }

  /** The reference losses: [B, S - 1]. */
  Tensor losses() throws IOException {
    require(file, "token_nll", rows, length - 1);
    return file.tensor("token_nll");
  }

  Tensor gradient(String name, int... shape) throws IOException {
    require(file, name, shape);
    return file.tensor(name);
  }
}
