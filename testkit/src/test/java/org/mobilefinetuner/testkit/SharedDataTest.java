package org.mobilefinetuner.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedDataTest {
  @Test
  void findsTheRootAboveAModule(@TempDir Path folder) throws IOException {
    Path module = Files.createDirectories(folder.resolve("main/testkit/target"));
    Files.writeString(folder.resolve("main/pom.xml"), "<project><modules></modules></project>");
    Files.writeString(folder.resolve("main/testkit/pom.xml"), "<project></project>");
    assertThat(SharedData.root(module)).isEqualTo(folder.resolve("main"));
    assertThat(SharedData.root(folder.resolve("main"))).isEqualTo(folder.resolve("main"));
    assertThat(SharedData.root(folder)).isNotEqualTo(folder);
  }

  @Test
  void findsNothingWhereThereIsNothing() {
    assertThat(SharedData.find("no such file")).isNull();
  }
}
