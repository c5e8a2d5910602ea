package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnchangedFilesTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.write(folder.resolve("model"), new byte[100]);
  }

  @Test
  void noticesAFileThatIsCutShort() throws IOException {
    UnchangedFiles files = new UnchangedFiles(List.of(file));
    files.require();
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(50);
    }
    assertThatThrownBy(files::require)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("100 bytes")
        .hasMessageContaining("50 bytes")
        .hasMessageContaining("restore");
  }

  @Test
  void noticesWhatIsWrittenInPlace() throws IOException {
    UnchangedFiles files = new UnchangedFiles(List.of(file));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertThatThrownBy(files::require).isInstanceOf(FormatException.class);
  }

  @Test
  void anotherFileOfThatNameDoesNotMatter() throws IOException {
    UnchangedFiles files = new UnchangedFiles(List.of(file));
    Path other = Files.write(folder.resolve("other"), new byte[7]);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    assertThatCode(files::require).doesNotThrowAnyException();
    Files.delete(file);
    assertThatCode(files::require).doesNotThrowAnyException();
  }
}
