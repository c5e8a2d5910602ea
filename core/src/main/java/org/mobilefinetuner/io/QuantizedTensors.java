package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.io.SafetensorsRegions.Region;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.tensor.QuantizedMatrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The tensors of a safetensors file, in which some matrices are quantised: codes and scales are
 * tensors of plain types that any tool reads, and one matrix here.
 *
 * <p>A matrix {@code w} of [rows, cols] with codes of 8 bits is {@code w} (I8, [rows, cols]) and
 * {@code w_scale} (F16, [rows, groups]). One with codes of 4 bits is {@code w_packed} (U8, [rows,
 * bytes]), {@code w_scale}, and {@code w_shape} (I64, [2]: rows and cols). {@link Quantization}
 * says what they mean. All other tensors are as they are in the file.
 */
public final class QuantizedTensors implements TensorSource, AutoCloseable {
  private static final String SCALE = "_scale";
  private static final String PACKED = "_packed";
  private static final String SHAPE = "_shape";

  private final Safetensors file;
  private final Map<String, Quantization> quantized = new LinkedHashMap<>();
  private final Set<String> names;

  /** Opens a file as {@link Safetensors#open} does. */
  public static QuantizedTensors open(Path file) throws IOException {
    return new QuantizedTensors(Safetensors.open(file));
  }

  private QuantizedTensors(Safetensors file) throws IOException {
    this.file = file;
    this.names = new LinkedHashSet<>(file.names());
    for (String scale : file.names()) {
      if (scale.endsWith(SCALE) && file.type(scale).equals("F16")) {
        String name = scale.substring(0, scale.length() - SCALE.length());
        if (is(name, "I8")) {
          quantized.put(name, Quantization.INT8);
          names.remove(scale);
        } else if (is(name + PACKED, "U8")) {
          quantized.put(name, Quantization.INT4);
          names.add(name);
          names.removeAll(Set.of(scale, name + PACKED, name + SHAPE));
        }
      }
    }
  }

  private boolean is(String name, String type) throws IOException {
    return file.names().contains(name) && file.type(name).equals(type);
  }

  /** The tensors in which a matrix is stored; its codes come first, then its scales. */
  public static Map<String, Region> regions(
      String name, int rows, int cols, Quantization quantization) {
    Map<String, Region> regions = new LinkedHashMap<>();
    int bytes = quantization.bytes(cols);
    regions.put(codes(name, quantization), new Region(codesType(quantization), rows, bytes));
    regions.put(scales(name), new Region("F16", rows, Quantization.groups(cols)));
    if (quantization == Quantization.INT4) {
      regions.put(shape4(name), new Region("I64", 2));
    }
    return regions;
  }

  private static String codesType(Quantization quantization) {
    return quantization == Quantization.INT8 ? "I8" : "U8";
  }

  /** The tensor that has the codes of a matrix. */
  public static String codes(String name, Quantization quantization) {
    return quantization == Quantization.INT8 ? name : name + PACKED;
  }

  /** The tensor that has the scales of a matrix. */
  public static String scales(String name) {
    return name + SCALE;
  }

  /** The tensor that has the dimensions of a matrix whose codes have 4 bits. */
  public static String shape4(String name) {
    return name + SHAPE;
  }

  @Override
  public Set<String> names() {
    return names;
  }

  @Override
  public int[] shape(String name) throws IOException {
    if (quantized.get(name) != Quantization.INT4) {
      return file.shape(name);
    }
    return Arrays.stream(file.integers(shape4(name))).mapToInt(Math::toIntExact).toArray();
  }

  /** The file's name for the type of the numbers; {@code INT8} or {@code INT4} if quantised. */
  @Override
  public String type(String name) throws IOException {
    Quantization quantization = quantized.get(name);
    return quantization == null ? file.type(name) : quantization.name();
  }

  @Override
  public long bytes(String name) throws IOException {
    Quantization quantization = quantized.get(name);
    return quantization == null
        ? file.bytes(name)
        : file.bytes(codes(name, quantization)) + file.bytes(scales(name));
  }

  @Override
  public Matrix matrix(String name) throws IOException {
    Quantization quantization = quantized.get(name);
    if (quantization == null) {
      return file.matrix(name);
    }
    int[] shape = shape(name);
    if (shape.length != 2) {
      throw new FormatException(
          file + ": " + name + ": expected 2 dimensions, found " + Arrays.toString(shape));
    }
    for (Map.Entry<String, Region> entry :
        regions(name, shape[0], shape[1], quantization).entrySet()) {
      int[] found = file.shape(entry.getKey());
      if (!Arrays.equals(found, entry.getValue().shape())) {
        throw new FormatException(
            file
                + ": "
                + entry.getKey()
                + ": expected "
                + Arrays.toString(entry.getValue().shape())
                + ", as groups of "
                + Quantization.GROUP
                + " have it, found "
                + Arrays.toString(found)
                + "; other ways to quantise are not supported");
      }
    }
    return new QuantizedMatrix(
        quantization, shape[1], file.rows(codes(name, quantization)), file.rows(scales(name)));
  }

  @Override
  public Tensor tensor(String name) throws IOException {
    Quantization quantization = quantized.get(name);
    if (quantization != null) {
      throw new FormatException(
          file
              + ": "
              + name
              + ": expected floating-point numbers, found "
              + quantization
              + "; quantised weights are only read: train an adapter on them");
    }
    return file.tensor(name);
  }

  /** Mappings made before stay valid. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
