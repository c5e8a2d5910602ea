package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.eval.GoldenCheck.Report;
import org.mobilefinetuner.eval.GoldenCheck.Row;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.RawSafetensors;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.testkit.Golden;
import org.mobilefinetuner.testkit.Resources;

/** Which tokens of a golden file are compared, and which files are refused. */
class GoldenFileTest {
  @TempDir Path folder;

  private static Report run(Path golden) throws IOException {
    return Golden.compare(Resources.find("golden/tiny-gpt2"), null, golden, new ScalarKernels());
  }

  private static Row row(Report report, String quantity) {
    return report.rows().stream()
        .filter(row -> row.quantity().equals(quantity))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void paddingOnEitherSideIsLeftOut() throws IOException {
    Map<String, int[]> tokens = new LinkedHashMap<>();
    tokens.put("input_ids", new int[] {1, 2, 3, 0, 0, 4, 5, 6});
    tokens.put("attention_mask", new int[] {1, 1, 1, 0, 0, 1, 1, 1});
    tokens.put("labels", new int[] {-100, 2, 3, -100, -100, -100, 5, 6});
    Report left = run(file(tokens, 2, 4, new float[6]));
    // Ours against zeros: the largest loss of [1, 2, 3] and [4, 5, 6], each from position 0.
    tokens.put("input_ids", new int[] {1, 2, 3, 0, 4, 5, 6, 0});
    tokens.put("attention_mask", new int[] {1, 1, 1, 0, 1, 1, 1, 0});
    tokens.put("labels", new int[] {-100, 2, 3, -100, -100, 5, 6, -100});
    Report right = run(file(tokens, 2, 4, new float[6]));
    assertThat(row(left, "token_nll").maxError()).isEqualTo(row(right, "token_nll").maxError());
    assertThat(row(left, "loss").maxError()).isEqualTo(row(right, "loss").maxError());
    assertThat(row(left, "loss").maxError()).isGreaterThan(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 1 0 1 | 1 2 3 4  | 1 2 3 4     | expected the ones of attention_mask in one piece",
        "1 2 1 1 | 1 2 3 4  | 1 2 3 4     | expected the ones of attention_mask in one piece",
        "0 0 0 0 | 1 2 3 4  | 1 2 3 4     | expected a 1 in attention_mask, found only padding",
        "1 1 1 1 | 1 2 3 61 | 1 2 3 4     | input_ids: expected tokens below 61, found 61",
        "1 1 1 1 | 1 2 3 -1 | 1 2 3 4     | input_ids: expected tokens below 61, found -1",
        "1 1 1 1 | 1 2 3 4  | 1 2 3 -101  | labels: expected tokens below 61, found -101"
      })
  void refusesTokensThatMakeNoSense(String mask, String ids, String labels, String reason)
      throws IOException {
    Map<String, int[]> tokens = new LinkedHashMap<>();
    tokens.put("input_ids", integers(ids));
    tokens.put("attention_mask", integers(mask));
    tokens.put("labels", integers(labels));
    Path file = file(tokens, 1, 4, new float[3]);
    assertThatThrownBy(() -> run(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesMoreTokensThanTheModelHasPositions() throws IOException {
    Path many = file(Map.of("input_ids", new int[25]), 1, 25, new float[24]);
    assertThatThrownBy(() -> run(many))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("a row has 25 tokens, the model at most 24");
  }

  /** A golden file with tokens and losses alone. */
  private Path file(Map<String, int[]> tokens, int rows, int length, float[] nll)
      throws IOException {
    StringBuilder header = new StringBuilder("{");
    ByteBuffer data = ByteBuffer.allocate(4 * (tokens.size() * rows * length + nll.length));
    for (Map.Entry<String, int[]> entry : tokens.entrySet()) {
      add(header, entry.getKey(), "I32", rows, length, data.position());
      data.put(RawSafetensors.ints(entry.getValue()));
    }
    add(header, "token_nll", "F32", rows, length - 1, data.position());
    data.put(RawSafetensors.floats(nll));
    header.setCharAt(header.length() - 1, '}');
    return RawSafetensors.write(
        folder.resolve("made.safetensors"), header.toString(), data.array());
  }

  private static void add(
      StringBuilder header, String name, String type, int rows, int length, int at) {
    header.append(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]},"
            .formatted(name, type, rows, length, at, at + 4 * rows * length));
  }

  private static int[] integers(@Nullable String text) {
    return java.util.Arrays.stream(String.valueOf(text).trim().split(" "))
        .mapToInt(Integer::parseInt)
        .toArray();
  }
}
