package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void replacesTheFileAsAWhole() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "one ü");
    AtomicFile.write(file, "two");
    assertThat(file).hasContent("two");
    assertAlone(file);
  }

  @Test
  void keepsTheOldFileIfItFails() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write " + file + ": No space left on device");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      throw new IllegalStateException("a mistake");
                    }))
        .hasMessage("a mistake");
    assertThat(file).hasContent("old");
    assertAlone(file);
  }

  @Test
  void saysThatThereIsNoFolder() {
    assertThatThrownBy(() -> AtomicFile.write(folder.resolve("none/a.txt"), "text"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.txt: its folder does not exist");
  }

  private void assertAlone(Path file) throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }
}
