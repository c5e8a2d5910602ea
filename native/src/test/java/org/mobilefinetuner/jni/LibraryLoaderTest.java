package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library that cannot be loaded is a reason, not an exception. A library is loaded once only. */
final class LibraryLoaderTest {
  @Test
  void reasonNamesTheProperty(@TempDir Path folder) throws Exception {
    Path broken = Files.writeString(folder.resolve("libbroken.so"), "not a library");
    assertThat(load("-Dmft.native.library=" + broken))
        .contains("could not be loaded")
        .contains("-Dmft.native.library=FILE");
    assertThat(load("-Dmft.native.library=" + folder.resolve("missing.so"))).contains("missing.so");
  }

  @Test
  void libraryOfAnotherPlaceIsUsed(@TempDir Path folder) throws Exception {
    Processor here = Processor.current();
    assumeTrue(here.unsupported() == null);
    byte[] library = Objects.requireNonNull(LibraryLoader.resource(here.library()));
    Path copy = Files.write(folder.resolve("copy.so"), library);
    assertThat(load("-Dmft.native.library=" + copy)).contains("loaded: null");
  }

  @Test
  void processorWithoutALibraryIsAReason() throws Exception {
    assertThat(load("-Dos.arch=riscv64")).contains("riscv64");
  }

  /** What a Java of its own prints. */
  private static String load(String option) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:TieredStopAtLevel=1",
                    option,
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName()))
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out;
  }

  /** Tries to load. */
  static final class Main {
    private Main() {}

    @SuppressWarnings("SystemOut") // is read by the test
    public static void main(String[] args) {
      System.out.println("loaded: " + LibraryLoader.load());
    }
  }
}
