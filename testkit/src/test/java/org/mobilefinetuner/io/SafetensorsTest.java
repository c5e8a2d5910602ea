package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.StoredMatrix;
import org.mobilefinetuner.tensor.Tensor;

class SafetensorsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Format.class)
  void whatIsWrittenIsRead(Format format) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("matrix", random(3, 5));
    tensors.put("vector", random(7));
    tensors.put("cube ü \"quoted\"", random(2, 3, 4));
    tensors.put("nothing", random(0, 4));
    tensors.put("long", random(40_001)); // more than the writer converts at a time
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, items(tensors, format));
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.names()).containsExactlyElementsOf(tensors.keySet());
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        String name = entry.getKey();
        assertThat(read.type(name)).isEqualTo(format.name());
        assertThat(read.shape(name)).isEqualTo(entry.getValue().shape());
        float[] expected = rounded(entry.getValue().data(), format);
        assertThat(read.tensor(name).data()).as(name).isEqualTo(expected);
        assertThat(read.tensor(name).shape()).isEqualTo(entry.getValue().shape());
      }
      Matrix matrix = read.matrix("matrix");
      assertThat(matrix).isInstanceOf(StoredMatrix.class);
      assertThat(matrix.format()).isEqualTo(format);
      assertThat(all(matrix)).isEqualTo(rounded(tensors.get("matrix").data(), format));
    }
  }

  @Test
  void headersArePaddedAndSayWhoReadsThem() throws IOException {
    for (int length = 1; length <= 9; length++) {
      Path file = folder.resolve("padded");
      SafetensorsWriter.write(file, items(Map.of("x".repeat(length), random(2)), Format.F32));
      long header =
          ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
      assertThat(header % 8).isZero();
      assertThat(Files.size(file)).isEqualTo(8 + header + 8);
      assertThat(RawSafetensors.header(file)).startsWith("{\"__metadata__\":{\"format\":\"pt\"}");
    }
  }

  /** Other writers do not pad: then the numbers do not lie at multiples of their size. */
  @ParameterizedTest
  @CsvSource({"F32, 4", "BF16, 2", "F16, 2"})
  void headersOfAnyLengthAreRead(Format format, int bytes) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(6 * bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = {1, -2, 0.5f, 3, -0.25f, 8};
    for (float value : values) {
      switch (format) {
        case F32 -> data.putFloat(value);
        case BF16 -> data.putShort(Format.toBf16(value));
        case F16 -> data.putShort(Format.toF16(value));
      }
    }
    for (int padding = 0; padding < 9; padding++) {
      String header =
          "{\"w\":{\"dtype\":\""
              + format
              + "\",\"shape\":[2,3],\"data_offsets\":[0,"
              + 6 * bytes
              + "]}}"
              + " ".repeat(padding);
      Path file = RawSafetensors.write(folder.resolve("odd"), header, data.array());
      try (Safetensors read = Safetensors.open(file)) {
        assertThat(read.tensor("w").data()).isEqualTo(values);
        assertThat(all(read.matrix("w"))).isEqualTo(values);
      }
    }
  }

  @Test
  void tensorsMayLieInAnyOrder() throws IOException {
    String header =
        "{\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}";
    Path file =
        RawSafetensors.write(folder.resolve("order"), header, RawSafetensors.floats(1, 2, 3));
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.tensor("a").data()).containsExactly(1);
      assertThat(read.tensor("b").data()).containsExactly(2, 3);
    }
  }

  @Test
  void aFileMayHaveNoTensors() throws IOException {
    Path file = folder.resolve("empty");
    SafetensorsWriter.write(file, Map.of());
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.names()).isEmpty();
    }
    try (Safetensors read = Safetensors.open(RawSafetensors.write(file, "{}", new byte[0]))) {
      assertThat(read.names()).isEmpty();
    }
  }

  @Test
  void otherTypesAreRead() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(0.1).putLong(-5).putInt(-6).putInt(-1).putShort((short) -7);
    data.put((byte) -8).put((byte) -9).put((byte) 1);
    String header =
        "{\"f64\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"i64\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[8,16]},"
            + "\"i32\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[16,20]},"
            + "\"u32\":{\"dtype\":\"U32\",\"shape\":[1],\"data_offsets\":[20,24]},"
            + "\"i16\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[24,26]},"
            + "\"i8\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[26,27]},"
            + "\"u8\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[27,28]},"
            + "\"bool\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[28,29]}}";
    byte[] bytes = java.util.Arrays.copyOf(data.array(), 29);
    try (Safetensors read =
        Safetensors.open(RawSafetensors.write(folder.resolve("t"), header, bytes))) {
      assertThat(read.tensor("f64").data()).containsExactly(0.1f);
      assertThat(read.integers("i64")).containsExactly(-5);
      assertThat(read.integers("i32")).containsExactly(-6);
      assertThat(read.integers("u32")).containsExactly(0xffffffffL);
      assertThat(read.integers("i16")).containsExactly(-7);
      assertThat(read.integers("i8")).containsExactly(-8);
      assertThat(read.integers("u8")).containsExactly(247);
      assertThat(read.integers("bool")).containsExactly(1);
      assertThatThrownBy(() -> read.tensor("i64"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("i64: expected floating-point numbers, found I64");
      assertThatThrownBy(() -> read.integers("f64"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("f64: expected whole numbers, found F64");
      assertThatThrownBy(() -> read.matrix("f64"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("f64: expected F32, BF16 or F16 numbers, found F64");
    }
  }

  /** A sparse file: 2.5 GiB, of which the disk has a few pages. */
  @Test
  void filesMayHaveMoreThanTwoGigabytes() throws IOException {
    int rows = 1_310_720;
    long bytes = 2048L * rows;
    String header =
        "{\"w\":{\"dtype\":\"BF16\",\"shape\":["
            + rows
            + ",1024],\"data_offsets\":[0,"
            + bytes
            + "]},\"last\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":["
            + bytes
            + ","
            + (bytes + 4)
            + "]}}";
    byte[] json = (header + " ".repeat(8 - header.length() % 8)).getBytes(StandardCharsets.UTF_8);
    Path path = RawSafetensors.write(folder.resolve("large"), json.length, json, new byte[0]);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(8 + json.length + bytes + 4);
      for (int row : new int[] {0, 524_287, 524_288, 1_048_576, rows - 1}) {
        file.seek(8 + json.length + 2048L * row);
        file.writeShort(Short.reverseBytes(Format.toBf16(1 + row % 100)));
      }
      file.seek(8 + json.length + bytes);
      file.writeInt(Integer.reverseBytes(Float.floatToIntBits(42)));
    }
    try (Safetensors read = Safetensors.open(path)) {
      Matrix matrix = read.matrix("w");
      float[] value = new float[2];
      for (int row : new int[] {0, 524_287, 524_288, 1_048_576, rows - 1}) {
        matrix.read(row, 0, 1, 2, value, 0, 2);
        assertThat(value).containsExactly(1 + row % 100, 0);
      }
      float[] across = new float[4];
      matrix.read(524_286, 0, 4, 1, across, 0, 1); // over the end of a window
      assertThat(across).containsExactly(0, 1 + 524_287 % 100, 1 + 524_288 % 100, 0);
      assertThat(read.tensor("last").data()).containsExactly(42);
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void matricesOutliveTheFile() throws IOException {
    Path file = folder.resolve("closed");
    Tensor tensor = random(3, 5);
    SafetensorsWriter.write(file, items(Map.of("w", tensor), Format.F32));
    Matrix matrix;
    try (Safetensors read = Safetensors.open(file)) {
      matrix = read.matrix("w");
    }
    assertThat(all(matrix)).isEqualTo(tensor.data());
  }

  @Test
  void aMatrixIsWrittenFromAnyFormat() throws IOException {
    Path file = folder.resolve("bf16");
    Tensor tensor = random(129, 257);
    SafetensorsWriter.write(file, items(Map.of("w", tensor), Format.BF16));
    Path again = folder.resolve("again");
    try (Safetensors read = Safetensors.open(file)) {
      SafetensorsWriter.write(
          again, Map.of("w", Item.of(read.matrix("w"), new int[] {129, 257}, Format.F32)));
    }
    try (Safetensors read = Safetensors.open(again)) {
      assertThat(read.tensor("w").data()).isEqualTo(rounded(tensor.data(), Format.BF16));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWriterThatFailsLeavesWhatWasThere(boolean before) throws IOException {
    Path file = folder.resolve("model.safetensors");
    if (before) {
      SafetensorsWriter.write(file, items(Map.of("old", random(4)), Format.F32));
    }
    Item failing =
        new Item(
            new int[] {100_000},
            Format.F32,
            (at, to, count) -> {
              if (at > 50_000) {
                throw new IllegalStateException("the source is gone");
              }
            });
    assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of("new", failing)))
        .hasMessage("the source is gone");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(before ? 1 : 0);
    }
    if (before) {
      try (Safetensors read = Safetensors.open(file)) {
        assertThat(read.names()).containsExactly("old");
      }
    }
  }

  private static Map<String, Item> items(Map<String, Tensor> tensors, Format format) {
    Map<String, Item> items = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> items.put(name, Item.of(tensor, format)));
    return items;
  }

  private static Tensor random(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    Random random = new Random(shape.length);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }

  private static float[] rounded(float[] values, Format format) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] =
          switch (format) {
            case F32 -> values[i];
            case BF16 -> Format.bf16(Format.toBf16(values[i]));
            case F16 -> Format.f16(Format.toF16(values[i]));
          };
    }
    return rounded;
  }

  private static float[] all(Matrix matrix) {
    float[] values = new float[matrix.rows() * matrix.cols()];
    matrix.read(0, 0, matrix.rows(), matrix.cols(), values, 0, matrix.cols());
    return values;
  }
}
