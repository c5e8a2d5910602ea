package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

class SafetensorsFolderTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  @Test
  void readsASingleFile() throws IOException {
    write("model.safetensors", "a", 1);
    try (SafetensorsFolder read = SafetensorsFolder.open(folder)) {
      assertThat(read.names()).containsExactly("a");
      assertThat(read.shape("a")).containsExactly(1, 2);
      assertThat(read.type("a")).isEqualTo("F32");
      assertThat(read.tensor("a").data()).containsExactly(1, 2);
      assertThat(read.matrix("a").cols()).isEqualTo(2);
      assertThatThrownBy(() -> read.tensor("b"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("no tensor is called b");
    }
  }

  @Test
  void readsTheShardsOfAnIndex() throws IOException {
    write("model-00001-of-00002.safetensors", "a", 1);
    write("model-00002-of-00002.safetensors", "b", 5);
    index(
        "\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"");
    try (SafetensorsFolder read = SafetensorsFolder.open(folder)) {
      assertThat(read.names()).containsExactly("a", "b");
      assertThat(read.tensor("a").data()).containsExactly(1, 2);
      assertThat(read.tensor("b").data()).containsExactly(5, 6);
      assertThat(read.files()).hasSize(2);
    }
  }

  @Test
  void namesAShardThatIsMissing() throws IOException {
    index("\"a\": \"model-00001-of-00002.safetensors\"");
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("model-00001-of-00002.safetensors");
  }

  @Test
  void namesATensorThatItsShardLacks() throws IOException {
    write("one.safetensors", "a", 1);
    index("\"b\": \"one.safetensors\"");
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("b should be in one.safetensors, which does not have it");
  }

  /** An index is not trusted: its shards are files of the folder. */
  @ParameterizedTest
  @ValueSource(strings = {"../other.safetensors", "/etc/passwd", "..", "a/b", "a\\\\b"})
  void refusesShardsElsewhere(String shard) throws IOException {
    index("\"a\": \"" + shard + "\"");
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected the name of a file in the folder");
  }

  @Test
  void saysWhatItLookedFor() {
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("expected model.safetensors or " + INDEX)
        .hasMessageContaining("must be converted first");
  }

  private void write(String file, String name, float first) throws IOException {
    Tensor tensor = Tensor.of(new float[] {first, first + 1}, 1, 2);
    SafetensorsWriter.write(folder.resolve(file), Map.of(name, Item.of(tensor, Format.F32)));
  }

  private void index(String weights) throws IOException {
    Files.writeString(
        folder.resolve(INDEX),
        "{\"metadata\": {\"total_size\": 16}, \"weight_map\": {" + weights + "}}");
  }
}
