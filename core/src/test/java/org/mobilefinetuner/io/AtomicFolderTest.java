package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  @TempDir Path dir;

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void newFolderAppearsWhole() throws IOException {
    Path folder = dir.resolve("a/b");
    AtomicFolder.write(
        folder,
        "last",
        to -> {
          assertThat(folder).doesNotExist();
          Files.writeString(to.resolve("first"), "1");
          Files.writeString(to.resolve("last"), "2");
        });
    assertThat(names(folder)).containsExactly("first", "last");
    assertThat(names(dir.resolve("a"))).containsExactly("b");
  }

  @Test
  void otherFilesStay() throws IOException {
    Files.writeString(dir.resolve("kept"), "kept");
    Files.writeString(dir.resolve("last"), "old");
    AtomicFolder.write(dir, "last", to -> Files.writeString(to.resolve("last"), "new"));
    assertThat(names(dir)).containsExactly("kept", "last");
    assertThat(dir.resolve("last")).hasContent("new");
  }

  @Test
  void failureLeavesNothing() throws IOException {
    Path folder = dir.resolve("new");
    Files.writeString(dir.resolve("last"), "old");
    for (Path target : List.of(folder, dir)) {
      assertThatThrownBy(
              () ->
                  AtomicFolder.write(
                      target,
                      "last",
                      to -> {
                        Files.writeString(to.resolve("last"), "half");
                        throw new IOException("no space");
                      }))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no space");
    }
    assertThat(names(dir)).containsExactly("last");
    assertThat(dir.resolve("last")).hasContent("old");
  }

  @Test
  void leftoversOfAKilledRunAreRemoved() throws IOException {
    Path left = Files.createDirectories(dir.resolve("new.tmp/deep"));
    Files.writeString(left.resolve("file"), "x");
    AtomicFolder.write(
        dir.resolve("new"), "last", to -> Files.writeString(to.resolve("last"), "1"));
    assertThat(names(dir)).containsExactly("new");
    assertThat(names(dir.resolve("new"))).containsExactly("last");
  }

  @Test
  void aFileInTheWay() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    assertThatThrownBy(() -> AtomicFolder.write(file, "last", to -> {}))
        .hasMessageContaining("found a file");
    assertThatThrownBy(() -> AtomicFolder.write(file.resolve("sub"), "last", to -> {}))
        .hasMessageContaining("cannot write");
    assertThat(file).isEmptyFile();
  }

  @Test
  void movesAllThatIsInAFolder() throws IOException {
    Path to = dir.resolve("to");
    Path from = Files.createDirectories(to.resolve("from"));
    Files.writeString(to.resolve("last"), "old");
    Files.writeString(to.resolve("kept"), "kept");
    Files.writeString(from.resolve("last"), "new");
    Files.writeString(Files.createDirectories(from.resolve("best")).resolve("a"), "a");
    AtomicFolder.move(from, to, "last");
    assertThat(names(to)).containsExactly("best", "kept", "last");
    assertThat(to.resolve("last")).hasContent("new");
    assertThat(to.resolve("best/a")).hasContent("a");
  }

  @Test
  void deletesNothingThatALinkPointsTo() throws IOException {
    Path elsewhere = Files.createDirectories(dir.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("a"), "a");
    Path folder = Files.createDirectories(dir.resolve("folder"));
    Files.createSymbolicLink(folder.resolve("link"), elsewhere);
    AtomicFolder.delete(folder);
    AtomicFolder.delete(folder);
    assertThat(names(dir)).containsExactly("elsewhere");
    assertThat(names(elsewhere)).containsExactly("a");
  }
}
