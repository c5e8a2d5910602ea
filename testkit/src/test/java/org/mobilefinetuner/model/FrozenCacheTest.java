package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.RawSafetensors;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.tensor.QuantizedMatrix;
import org.mobilefinetuner.tensor.StoredMatrix;
import org.mobilefinetuner.testkit.QuantizedMatrices;
import org.mobilefinetuner.testkit.TinyModels;

class FrozenCacheTest {
  private static final String TABLE = "transformer.wte.weight";
  private static final String PLACES = "transformer.wpe.weight";
  private static final String PROJECTION = "transformer.h.1.mlp.c_fc.weight";
  private static final String BIAS = "transformer.h.1.mlp.c_fc.bias";

  @TempDir Path dir;
  private Path folder = Path.of("");
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void makeAModel() throws IOException {
    folder =
        TinyModels.write(dir.resolve("model"), TinyModels.gpt2(67, 9, 66, 2, 3), Format.F32, 3);
  }

  private LoadedWeights load(FrozenFormat format) throws IOException {
    return load(format, List.of(folder.resolve(".mft")));
  }

  private LoadedWeights load(FrozenFormat format, List<Path> places) throws IOException {
    told.clear();
    FrozenCache.Listener listener =
        new FrozenCache.Listener() {
          @Override
          public void converting(Path folder, FrozenCache.Reason reason) {
            told.add(reason.name());
          }

          @Override
          public void converted(Path folder, long bytes) {
            told.add("done");
          }
        };
    try (ModelFolder opened = ModelFolder.open(folder);
        Parallel team = new Parallel(2)) {
      return new FrozenCache(places, team, listener).load(opened, opened.frozen(), format);
    }
  }

  private Path file(String name) {
    return folder.resolve(".mft").resolve("base-int4").resolve(name);
  }

  private static float[] values(Matrix matrix) {
    float[] values = new float[matrix.rows() * matrix.cols()];
    matrix.read(0, 0, matrix.rows(), matrix.cols(), values, 0, matrix.cols());
    return values;
  }

  @Test
  void weightsAreThoseOfTheModelInTheFormat() throws IOException {
    try (ModelFolder opened = ModelFolder.open(folder)) {
      LoadedWeights original = opened.trainable();
      for (FrozenFormat format : List.of(FrozenFormat.INT8, FrozenFormat.INT4)) {
        LoadedWeights converted = load(format);
        for (String name : List.of(TABLE, PROJECTION)) {
          boolean four = format == FrozenFormat.INT4 && name.equals(PROJECTION);
          Quantization expected = four ? Quantization.INT4 : Quantization.INT8;
          QuantizedMatrix found = (QuantizedMatrix) converted.get(name).value();
          assertThat(found.quantization()).isEqualTo(expected);
          assertThat(values(found))
              .isEqualTo(values(QuantizedMatrices.of(expected, original.get(name).vector(), 1000)));
        }
        for (String name : List.of(PLACES, BIAS)) {
          assertThat(values(converted.get(name).value()))
              .isEqualTo(values(original.get(name).value()));
        }
      }
      LoadedWeights half = load(FrozenFormat.BF16);
      StoredMatrix matrix = (StoredMatrix) half.get(PROJECTION).value();
      assertThat(matrix.format()).isEqualTo(Format.BF16);
      float[] exact = values(original.get(PROJECTION).value());
      assertThat(values(matrix)[5]).isEqualTo(Format.BF16.round(exact[5]));
      assertThat(values(half.get(BIAS).value())).isEqualTo(values(original.get(BIAS).value()));
    }
  }

  @Test
  void convertedOnce() throws IOException {
    load(FrozenFormat.INT4);
    assertThat(told).containsExactly("NEW", "done");
    load(FrozenFormat.INT4);
    assertThat(told).isEmpty();
    load(FrozenFormat.INT8);
    assertThat(told).containsExactly("NEW", "done");
    load(FrozenFormat.INT4);
    assertThat(told).isEmpty();
  }

  @Test
  void convertedAgainWhenTheModelHasChanged() throws IOException {
    load(FrozenFormat.INT4);
    Files.setLastModifiedTime(
        folder.resolve("model.safetensors"), FileTime.fromMillis(1_000_000_000_000L));
    load(FrozenFormat.INT4);
    assertThat(told).containsExactly("STALE", "done");
    load(FrozenFormat.INT4);
    assertThat(told).isEmpty();
  }

  @Test
  void convertedAgainWhenDamaged() throws IOException {
    byte[] whole = {};
    for (int bytes : new int[] {0, 4, 300, 20_000}) {
      load(FrozenFormat.INT4);
      whole = Files.readAllBytes(file("model.safetensors"));
      try (var open = new RandomAccessFile(file("model.safetensors").toFile(), "rw")) {
        open.setLength(bytes);
      }
      load(FrozenFormat.INT4);
      assertThat(told).as("cut to %d bytes", bytes).containsExactly("DAMAGED", "done");
      assertThat(file("model.safetensors")).hasBinaryContent(whole);
    }
    try (var open = new RandomAccessFile(file("model.safetensors").toFile(), "rw")) {
      open.seek(whole.length - 5); // a code, which no reader can tell from another
      open.write(whole[whole.length - 5] ^ 1);
    }
    load(FrozenFormat.INT4);
    assertThat(told).as("one bit").containsExactly("DAMAGED", "done");
    assertThat(file("model.safetensors")).hasBinaryContent(whole);
    Files.delete(file("SHA256SUMS"));
    load(FrozenFormat.INT4);
    assertThat(told).containsExactly("DAMAGED", "done");
    Files.delete(file("model.safetensors"));
    load(FrozenFormat.INT4);
    assertThat(told).containsExactly("DAMAGED", "done");
    Files.writeString(file("source.json"), "{");
    load(FrozenFormat.INT4);
    assertThat(told).containsExactly("STALE", "done");
  }

  @Test
  void aFailureLeavesNothing() throws IOException {
    Path weights = folder.resolve("model.safetensors");
    poke(weights, "transformer.h.1.mlp.c_proj.weight", Float.NaN);
    assertThatThrownBy(() -> load(FrozenFormat.INT4))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("h.1.mlp.c_proj.weight: expected finite weights, found NaN");
    assertThat(told).containsExactly("NEW");
    assertThat(folder.resolve(".mft")).isDirectoryNotContaining("glob:**base*");

    // As a process leaves it that is killed: the next one starts anew.
    poke(weights, "transformer.h.1.mlp.c_proj.weight", 1);
    Path half = Files.createDirectory(folder.resolve(".mft").resolve("base-int4.tmp"));
    Files.writeString(half.resolve("model.safetensors"), "half");
    load(FrozenFormat.INT4);
    assertThat(told).containsExactly("NEW", "done");
    assertThat(half).doesNotExist();
  }

  @Test
  void keptElsewhereIfTheFirstPlaceCannotBeWritten() throws IOException {
    Path taken = Files.createFile(dir.resolve("file")).resolve("in-a-file");
    Path other = dir.resolve("cache").resolve("model-1");
    load(FrozenFormat.INT4, List.of(taken, other));
    assertThat(told).containsExactly("NEW", "done");
    assertThat(other.resolve("base-int4").resolve("model.safetensors")).exists();
    load(FrozenFormat.INT4, List.of(taken, other));
    assertThat(told).isEmpty();
    assertThatThrownBy(() -> load(FrozenFormat.INT4, List.of(taken)))
        .hasMessageContaining("expected a folder in which converted weights can be kept")
        .hasMessageContaining("in-a-file");
  }

  @Test
  void anyToolReadsTheFile() throws IOException {
    load(FrozenFormat.INT4);
    try (Safetensors file = Safetensors.open(file("model.safetensors"))) {
      assertThat(file.type(PROJECTION + "_packed")).isEqualTo("U8");
      assertThat(file.shape(PROJECTION + "_packed")).containsExactly(66, 132);
      assertThat(file.type(PROJECTION + "_scale")).isEqualTo("F16");
      assertThat(file.shape(PROJECTION + "_scale")).containsExactly(66, 5);
      assertThat(file.integers(PROJECTION + "_shape")).containsExactly(66, 264);
      assertThat(file.type(TABLE)).isEqualTo("I8");
      assertThat(file.shape(TABLE + "_scale")).containsExactly(67, 2);
      assertThat(file.type(PLACES)).isEqualTo("F32");
    }
  }

  @Test
  void bytesAreThoseOfTheFile() throws IOException {
    Model model = Models.of(TinyModels.gpt2(67, 9, 66, 2, 3));
    for (FrozenFormat format : List.of(FrozenFormat.BF16, FrozenFormat.INT8, FrozenFormat.INT4)) {
      load(format);
      Path made = folder.resolve(".mft").resolve("base-" + format).resolve("model.safetensors");
      long shapes = format == FrozenFormat.INT4 ? 16 * 8 : 0;
      assertThat(RawSafetensors.data(made)).hasSize((int) (format.bytes(model) + shapes));
    }
  }

  private static void poke(Path file, String tensor, float value) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] header = new byte[(int) Long.reverseBytes(open.readLong())];
      open.readFully(header);
      String json = new String(header, java.nio.charset.StandardCharsets.UTF_8);
      String entry = json.substring(json.indexOf(tensor));
      String begin = entry.substring(entry.indexOf("data_offsets"));
      begin = begin.substring(begin.indexOf('[') + 1, begin.indexOf(','));
      open.seek(8 + header.length + Long.parseLong(begin.strip()));
      open.write(
          ByteBuffer.allocate(4)
              .putInt(Integer.reverseBytes(Float.floatToRawIntBits(value)))
              .array());
    }
  }
}
