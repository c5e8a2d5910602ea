package org.mobilefinetuner.android.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program of the dex jar, as the class files that D8 makes of it, finds the native backend
 * without {@code META-INF/services} and loads it by name, as on Android.
 */
final class DesugaredShellTest {
  private static final Path PROGRAM = Path.of("target/desugared.jar");
  private static final String JAVA_8 = "org/mobilefinetuner/kernel/Backends.class";

  @TempDir Path libraries;

  @Test
  void programIsAsOldAsItsApi() throws Exception {
    assertThat(Built.bytes(PROGRAM, JAVA_8)[7]).as("class file version").isEqualTo((byte) 52);
    assertThat(Built.names(PROGRAM)).noneMatch(name -> name.startsWith("META-INF/services"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-gemma3", "tiny-gpt2", "tiny-llama", "tiny-qwen2"})
  void nativeBackendComputesWhatTheReferenceDoes(String model) throws Exception {
    putLibrary();
    assertThat(run(0, verify(model))).contains("PASS").contains(" 0 fail").contains("; native-");
  }

  @Test
  void withoutTheLibraryJavaComputes() throws Exception {
    assertThat(run(0, verify("tiny-gpt2"))).contains("PASS").contains("; portable,");
    assertThat(run(0, "doctor"))
        .contains("native   cannot be used: the library could not be loaded")
        .contains("portable used");
  }

  @Test
  void libraryBesideTheJarIsNamed() throws Exception {
    Path library = putLibrary();
    Path elsewhere = Files.createDirectory(libraries.resolve("elsewhere"));
    Path moved = Files.move(library, elsewhere.resolve("libmft.so"));
    assertThat(run(0, "doctor")).contains("portable used");
    assertThat(run("-Dmft.native.library=" + moved, 0, "doctor")).contains("native   used");
  }

  private static String[] verify(String model) {
    Path folder = Built.ROOT.resolve("testkit/src/test/resources/golden/" + model);
    return new String[] {
      "verify",
      "--model",
      folder.toString(),
      "--golden",
      folder.resolve("golden_forward_backward.safetensors").toString()
    };
  }

  /** The library for this machine, under the name that it has in an app. */
  private Path putLibrary() throws IOException {
    String arch = System.getProperty("os.arch");
    assumeTrue(System.getProperty("os.name").equals("Linux"));
    boolean arm64 = arch.equals("aarch64");
    assumeTrue(arm64 || Files.readString(Path.of("/proc/cpuinfo")).contains(" avx2 "));
    String name = "/org/mobilefinetuner/jni/libmft-" + (arm64 ? "arm64" : "x86-64-v3") + ".so";
    try (InputStream in = getClass().getResourceAsStream(name)) {
      return Files.write(
          libraries.resolve(Built.LIBRARY), Objects.requireNonNull(in, name).readAllBytes());
    }
  }

  private String run(int code, String... words) throws Exception {
    return run("-Dmft.simulated=android", code, words);
  }

  private String run(String option, int code, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.library.path=" + libraries,
                option,
                "-cp",
                PROGRAM + File.pathSeparator + "target/test-classes",
                OnAndroid.class.getName()));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isEqualTo(code);
    return text;
  }
}
