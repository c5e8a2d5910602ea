package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code mft} in a project of its own, whose Maven is a script of the test. */
@DisabledOnOs(OS.WINDOWS)
final class LauncherTest {
  private static final Path SCRIPT = Path.of(System.getProperty("mft.root", "..")).resolve("mft");

  @TempDir Path root;
  private Path jar = Path.of("");

  @BeforeEach
  void project() throws IOException {
    Files.copy(SCRIPT, root.resolve("mft"));
    Files.writeString(root.resolve("pom.xml"), "");
    for (String module : List.of("core", "vector", "cli")) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.writeString(root.resolve(module).resolve("pom.xml"), "");
    }
    jar = Files.createDirectories(root.resolve("cli/target/lib")).resolveSibling("mft-cli.jar");
  }

  private record Run(int code, String text) {}

  /** Runs the launcher with a Maven that does what {@code script} says. */
  private Run launch(String script) throws IOException, InterruptedException {
    Path bin = Files.createDirectories(root.resolve("bin"));
    Path maven = bin.resolve("mvn");
    Files.writeString(maven, "#!/bin/sh\n" + script + "\n");
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    ProcessBuilder launcher = new ProcessBuilder("bash", root.resolve("mft").toString(), "--help");
    launcher.environment().put("JAVA_HOME", System.getProperty("java.home"));
    launcher.environment().put("PATH", bin + ":" + System.getenv("PATH"));
    Process process = launcher.redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), text);
  }

  @Test
  void aFailedBuildLeavesTheOldJarAndIsTriedAgain() throws IOException, InterruptedException {
    Files.writeString(jar, "old");
    FileTime before = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(jar, before);
    for (int attempt = 0; attempt < 2; attempt++) {
      Run run = launch("echo half > cli/target/mft-cli.jar; echo a mistake; exit 1");
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.text()).contains("sources changed", "a mistake", "the build failed");
      assertThat(jar).hasContent("old");
      assertThat(Files.getLastModifiedTime(jar)).isEqualTo(before);
    }
  }

  @Test
  void aFailedFirstBuildLeavesNoJar() throws IOException, InterruptedException {
    Run run = launch("echo half > cli/target/mft-cli.jar; exit 1");
    assertThat(run.code()).isEqualTo(1);
    assertThat(jar).doesNotExist();
  }

  @Test
  void aBuildThatSucceedsReplacesTheJar() throws IOException, InterruptedException {
    Files.writeString(jar, "old");
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000_000_000_000L));
    Run run = launch("echo new > cli/target/mft-cli.jar");
    assertThat(run.text()).contains("sources changed").doesNotContain("build failed");
    assertThat(jar).hasContent("new");
    assertThat(TinyModel.names(root.resolve("cli/target"))).containsExactly("lib", "mft-cli.jar");
  }
}
