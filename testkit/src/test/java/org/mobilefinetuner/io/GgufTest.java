package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.Resources;

/** Files of gguf-py are read, files written here are the same, and damaged ones are refused. */
class GgufTest {
  private static final String[] TENSORS = {"f32", "f16", "bf16", "q8_0", "vector"};

  @TempDir Path folder;

  private static Path golden(String end) throws IOException {
    return Resources.find("golden/gguf/all-types." + end);
  }

  @Test
  void metadataOfEveryType() throws IOException {
    try (Gguf file = Gguf.open(golden("gguf"))) {
      GgufMetadata m = file.metadata();
      assertThat(m.string("general.architecture")).isEqualTo("gpt2");
      assertThat(m.get("test.u8")).isEqualTo(200);
      assertThat(m.get("test.i8")).isEqualTo(-100);
      assertThat(m.get("test.u16")).isEqualTo(60_000);
      assertThat(m.get("test.i16")).isEqualTo(-30_000);
      assertThat(m.get("test.u32")).isEqualTo(4_000_000_000L);
      assertThat(m.get("test.i32")).isEqualTo(-2_000_000_000);
      assertThat(m.get("test.u64")).isEqualTo(1L << 40);
      assertThat(m.get("test.i64")).isEqualTo(-(1L << 40));
      assertThat(m.get("test.f32")).isEqualTo(0.1f);
      assertThat(m.get("test.f64")).isEqualTo(0.1);
      assertThat(m.get("test.bool")).isEqualTo(true);
      assertThat(m.string("test.text")).isEqualTo("na\u00efve \u2581");
      assertThat((String[]) m.get("test.texts")).containsExactly("a", "", "\u0120b");
      assertThat((int[]) m.get("test.ints")).containsExactly(1, -2, 3);
      assertThat((float[]) m.get("test.floats")).containsExactly(0.5f, -1.5f);
      assertThat((boolean[]) m.get("test.bools")).containsExactly(true, false);
    }
  }

  @Test
  void tensorsOfEveryTypeHaveTheBitsOfGgufPy() throws IOException {
    try (Gguf file = Gguf.open(golden("gguf"));
        Safetensors wanted = Safetensors.open(golden("safetensors"))) {
      assertThat(file.names()).containsExactly(TENSORS);
      for (String name : TENSORS) {
        assertThat(file.shape(name)).isEqualTo(wanted.shape(name));
        assertThat(file.tensor(name).data()).isEqualTo(wanted.tensor(name).data());
      }
      Matrix blocks = file.matrix("q8_0");
      float[] window = new float[2 * 40];
      blocks.read(1, 20, 2, 40, window, 0, 40);
      float[] all = wanted.tensor("q8_0").data();
      assertThat(Arrays.copyOfRange(window, 40, 80))
          .isEqualTo(Arrays.copyOfRange(all, 2 * 64 + 20, 2 * 64 + 60));
    }
  }

  /** gguf-py pads the end as well, so that the files are the same to the last byte. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0"})
  void whatIsWrittenHasTheBytesOfGgufPy(GgmlType type) throws IOException {
    Path written = folder.resolve("x.gguf");
    String name = type.name().toLowerCase(java.util.Locale.ROOT);
    try (Safetensors source = Safetensors.open(golden("safetensors"));
        Gguf theirs = Gguf.open(golden("gguf"))) {
      Tensor x = source.tensor("x");
      GgufMetadata metadata =
          new GgufMetadata()
              .string("general.architecture", "gpt2")
              .integer("n", 7)
              .number("f", 0.5f)
              .bool("b", false)
              .strings("t", List.of("a", "\u0120"))
              .integers("i", new int[] {3, 4})
              .numbers("s", new float[] {-1});
      Map<String, GgufWriter.Item> items = new LinkedHashMap<>();
      items.put("x", new GgufWriter.Item(x.shape(), type, () -> x));
      items.put("v", new GgufWriter.Item(new int[] {64}, GgmlType.F32, () -> x.rows(0, 1)));
      GgufWriter.write(written, metadata, items);
      try (Gguf ours = Gguf.open(written)) {
        assertThat(ours.metadata().keys()).containsExactlyElementsOf(metadata.keys());
        assertThat((int[]) ours.metadata().get("i")).containsExactly(3, 4);
        assertThat(ours.tensor("x").data()).isEqualTo(theirs.tensor(name).data());
        assertThat(ours.tensor("v").data()).isEqualTo(theirs.tensor("vector").data());
        assertThat(ours.bytes("x")).isEqualTo(theirs.bytes(name));
      }
      assertThat(Files.size(written) % 32).isZero();
    }
  }

  @Test
  void aFileThatIsCutOff() throws IOException {
    byte[] whole = Files.readAllBytes(golden("gguf"));
    Path file = folder.resolve("cut.gguf");
    for (int length = 0; length < whole.length - 32; length += 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Gguf.open(file)).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void otherFilesAreNoGguf() throws IOException {
    assertThat(Gguf.is(golden("gguf"))).isTrue();
    assertThat(Gguf.is(golden("safetensors"))).isFalse();
    assertThatThrownBy(() -> Gguf.open(golden("safetensors")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("begins with GGUF");
  }
}
