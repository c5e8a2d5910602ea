package org.mobilefinetuner.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.QuantizedTensors;
import org.mobilefinetuner.io.SafetensorsRegions;
import org.mobilefinetuner.io.SafetensorsRegions.Region;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.SafetensorsWriter.Values;
import org.mobilefinetuner.kernel.GroupQuantizer;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Quantization;

/**
 * Writes the weights of a model in a {@link FrozenFormat}, some rows at a time: a model larger than
 * the memory can be written.
 */
final class FrozenWriter {
  private static final int BLOCK = 1 << 18; // values in memory at a time, or one row

  private final FrozenFormat format;
  private final Parallel team;

  FrozenWriter(FrozenFormat format, Parallel team) {
    this.format = format;
    this.team = team;
  }

  /**
   * Writes a safetensors file under the model's own names for its weights.
   *
   * @param file is not there yet
   * @param values the numbers of each weight, asked for one weight after the other, whole rows at a
   *     time
   */
  void write(Path file, Model model, Function<WeightSpec, Values> values) throws IOException {
    Map<String, Region> regions = new LinkedHashMap<>();
    for (WeightSpec spec : model.weights()) {
      @Nullable Quantization quantization = format.quantization(spec, model.vocabulary());
      if (quantization == null) {
        regions.put(spec.name(), new Region(format.format(spec).name(), spec.shape()));
      } else {
        int[] shape = spec.shape();
        regions.putAll(QuantizedTensors.regions(spec.name(), shape[0], shape[1], quantization));
      }
    }
    JsonObject metadata =
        JsonObject.empty()
            .put("format", "pt")
            .put("base_format", format.toString())
            .put("group_size", String.valueOf(Quantization.GROUP));
    try (SafetensorsRegions out = SafetensorsRegions.create(file, regions, metadata)) {
      for (WeightSpec spec : model.weights()) {
        @Nullable Quantization quantization = format.quantization(spec, model.vocabulary());
        if (quantization == null) {
          copy(spec, values.apply(spec), out);
        } else {
          quantize(spec, quantization, values.apply(spec), out);
        }
      }
    }
  }

  private void copy(WeightSpec spec, Values values, SafetensorsRegions out) throws IOException {
    Format type = format.format(spec);
    int cols = spec.shape()[spec.shape().length - 1];
    int some = Math.max(1, BLOCK / cols) * cols;
    float[] block = new float[Math.min(some, spec.size())];
    byte[] bytes = new byte[block.length * type.bytes()];
    for (int at = 0; at < spec.size(); at += some) {
      int n = Math.min(some, spec.size() - at);
      values.fill(at, block, n);
      SafetensorsWriter.encode(type, block, n, littleEndian(bytes));
      out.write(spec.name(), (long) at * type.bytes(), ByteBuffer.wrap(bytes, 0, n * type.bytes()));
    }
  }

  private void quantize(
      WeightSpec spec, Quantization quantization, Values values, SafetensorsRegions out)
      throws IOException {
    int rows = spec.shape()[0];
    int cols = spec.shape()[1];
    int codeBytes = quantization.bytes(cols);
    int scaleBytes = Short.BYTES * Quantization.groups(cols);
    int some = Math.min(rows, Math.max(1, BLOCK / cols));
    float[] block = new float[some * cols];
    byte[] codes = new byte[some * codeBytes];
    byte[] scales = new byte[some * scaleBytes];
    GroupQuantizer[] own = new GroupQuantizer[team.threads()];
    java.util.Arrays.setAll(own, thread -> new GroupQuantizer(quantization));
    for (int row = 0; row < rows; row += some) {
      int n = Math.min(some, rows - row);
      values.fill((long) row * cols, block, n * cols);
      try {
        team.run(
            n,
            (r, thread) ->
                own[thread].encode(
                    block, r * cols, cols, codes, r * codeBytes, scales, r * scaleBytes));
      } catch (ArithmeticException e) {
        throw new FormatException(
            spec.name() + ": " + e.getMessage() + "; the file is damaged or training diverged", e);
      }
      out.write(
          QuantizedTensors.codes(spec.name(), quantization),
          (long) row * codeBytes,
          ByteBuffer.wrap(codes, 0, n * codeBytes));
      out.write(
          QuantizedTensors.scales(spec.name()),
          (long) row * scaleBytes,
          ByteBuffer.wrap(scales, 0, n * scaleBytes));
    }
    if (quantization == Quantization.INT4) {
      byte[] shape = new byte[2 * Long.BYTES];
      littleEndian(shape).putLong(rows).putLong(cols);
      out.write(QuantizedTensors.shape4(spec.name()), 0, ByteBuffer.wrap(shape));
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
