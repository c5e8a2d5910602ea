package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
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
    return launch(script, "--help");
  }

  private Run launch(String script, String... arguments) throws IOException, InterruptedException {
    Path bin = Files.createDirectories(root.resolve("bin"));
    Path maven = bin.resolve("mvn");
    Files.writeString(maven, "#!/bin/sh\n" + script + "\n");
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    List<String> command = new ArrayList<>(List.of("bash", root.resolve("mft").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder launcher = new ProcessBuilder(command);
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

  /** A program in the place of ours: it says what it was given. */
  private static final String PROGRAM =
      """
      package org.mobilefinetuner.cli;

      public final class Main {
        public static void main(String[] args) {
          String all = String.join(" ", args);
          if (!args[0].equals("limits")) {
            System.out.println(all + ": heap " + (Runtime.getRuntime().maxMemory() >> 20));
          } else if (all.contains("much")) {
            System.err.println("too much");
            System.exit(2);
          } else if (all.contains("--memory-budget")) {
            System.out.println("-Xmx96m\\n-Xss512k");
          }
        }
      }
      """;

  private void program() throws IOException {
    Path source = Files.writeString(root.resolve("Main.java"), PROGRAM);
    Path classes = Files.createDirectories(root.resolve("classes"));
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    assertThat(compiler.run(null, null, null, "-d", classes.toString(), source.toString()))
        .isZero();
    String name = "org/mobilefinetuner/cli/Main.class";
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry(name));
      out.write(Files.readAllBytes(classes.resolve(name)));
    }
  }

  /** The virtual machine is as large as the plan says, and the command is what was typed. */
  @Test
  void aBudgetLimitsTheVirtualMachine() throws IOException, InterruptedException {
    program();
    assertThat(launch("exit 1", "train", "--memory-budget", "300MB").text())
        .contains("train --memory-budget 300MB: heap 9");
    assertThat(launch("exit 1", "train", "--config", "run.yaml").text())
        .contains("train --config run.yaml: heap ")
        .doesNotContain(": heap 9");
    Run refused = launch("exit 1", "train", "--memory-budget", "much");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.text()).contains("too much").doesNotContain("heap");
  }

  /** Whatever became of the cache, the command runs and says nothing of it. */
  @Test
  void aCacheThatIsDamagedOrCannotBeMadeIsNoHindrance() throws IOException, InterruptedException {
    program();
    Files.createDirectories(root.resolve("quickstart/model"));
    Path cache = root.resolve("cli/target/mft.aot");
    Path tried = root.resolve("cli/target/mft.aot.tried");
    Files.writeString(cache, "not a cache");
    Files.writeString(tried, System.getProperty("java.home"));
    FileTime later = FileTime.fromMillis(Files.getLastModifiedTime(jar).toMillis() + 10_000);
    Files.setLastModifiedTime(tried, later);
    assertThat(launch("exit 1", "doctor").text()).matches("doctor: heap \\d+\n");
    assertThat(cache).hasContent("not a cache");

    Files.delete(tried);
    Files.createDirectory(tried); // cannot be written
    assertThat(launch("exit 1", "doctor").text()).matches("doctor: heap \\d+\n");
  }
}
