package org.mobilefinetuner.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.io.Sha256Sums;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Matrix;

/**
 * What a run is made from, told apart by sums: a run that goes on with other inputs would not end
 * as if it had never stopped.
 *
 * @param model of its weights' names, shapes, first and last rows
 * @param train of all tokens and labels, in order
 * @param validation the same of the validation set
 * @param kernels the backend, whose vector width decides about the last bits
 */
public record RunInputs(String model, String train, String validation, String kernels) {
  /**
   * @param weights as they are in the model's files, whatever they are converted to
   */
  public static RunInputs of(
      LoadedWeights weights, Examples train, Examples validation, Kernels kernels) {
    return new RunInputs(sum(weights), sum(train), sum(validation), kernels.name());
  }

  /** Two rows of each weight tell models apart without reading gigabytes. */
  private static String sum(LoadedWeights weights) {
    MessageDigest digest = Sha256Sums.sha256();
    for (WeightSpec spec : weights.model().weights()) {
      digest.update((spec.name() + Arrays.toString(spec.shape())).getBytes(StandardCharsets.UTF_8));
      Matrix matrix = weights.get(spec.name()).readable();
      float[] row = new float[matrix.cols()];
      for (int r : new int[] {0, matrix.rows() - 1}) {
        matrix.read(r, 0, 1, row.length, row, 0, row.length);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * row.length);
        bytes.asFloatBuffer().put(row);
        digest.update(bytes);
      }
    }
    return Sha256Sums.hex(digest.digest());
  }

  private static String sum(Examples examples) {
    MessageDigest digest = Sha256Sums.sha256();
    for (int i = 0; i < examples.count(); i++) {
      Batch.Sequence example = examples.get(i);
      update(digest, example.ids());
      update(digest, example.labels());
    }
    return Sha256Sums.hex(digest.digest());
  }

  private static void update(MessageDigest digest, int[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + numbers.length));
    bytes.asIntBuffer().put(numbers.length).put(numbers);
    digest.update(bytes);
  }
}
