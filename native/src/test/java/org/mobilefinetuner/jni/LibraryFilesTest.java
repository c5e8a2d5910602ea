package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The libraries in the repository: made from these sources, and loadable wherever they may be. */
final class LibraryFilesTest {
  private static final Path SOURCES = Path.of("src/main/c");
  private static final String REBUILD = "native/build.sh builds the libraries again";
  private static final int PAGE = 1 << 14; // of Android on arm64, the largest of all
  private static final int ARM64 = 183;
  private static final Pattern DECLARED =
      Pattern.compile("^[a-z].*?\\b(mft_\\w+)\\(", Pattern.MULTILINE);

  /** Fails if a source was changed without a build. */
  @Test
  void librariesAreMadeFromTheSources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : sources()) {
      all.append(Files.readString(file));
    }
    String found = LibraryLoader.checksum(all.toString().getBytes(StandardCharsets.UTF_8));
    assertThat(found).as(REBUILD).isEqualTo(LibraryLoader.wantedChecksum("sources"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"libmft-arm64.so", "libmft-x86-64-v3.so", "libmft-x86-64-v4.so"})
  void checksumsAreThoseOfTheLibraries(String name) throws IOException {
    assertThat(LibraryLoader.checksum(bytes(name)))
        .as(REBUILD)
        .isEqualTo(LibraryLoader.wantedChecksum(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"libmft-arm64.so", "libmft-x86-64-v3.so", "libmft-x86-64-v4.so"})
  void nothingElseIsNeeded(String name) throws IOException {
    ElfFile elf = new ElfFile(bytes(name));
    assertThat(elf.machine() == ARM64).isEqualTo(name.contains("arm64"));
    assertThat(elf.needed()).as("libraries needed").isZero();
    assertThat(elf.hasThreadLocals()).as("thread-local variables").isFalse();
    assertThat(elf.stackExecutable()).as("executable stack").isFalse();
    assertThat(elf.loads()).isNotEmpty();
    for (ElfFile.Load load : elf.loads()) {
      assertThat(load.align()).isEqualTo(PAGE);
      assertThat((load.address() - load.offset()) % PAGE).isZero();
      assertThat(load.writable() && load.executable()).as("code that can be written").isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"libmft-arm64.so", "libmft-x86-64-v3.so", "libmft-x86-64-v4.so"})
  void onlyWhatIsDeclaredIsExported(String name) throws IOException {
    List<String> expected = exported(Library.class, "mft.h");
    if (!name.contains("v3")) {
      expected.addAll(exported(Bf16Library.class, "bf16.h"));
    }
    assertThat(new ElfFile(bytes(name)).symbols()).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** What Java calls, and what a header declares. */
  private static List<String> exported(Class<?> library, String header) throws IOException {
    List<String> names = new ArrayList<>();
    for (Method method : library.getDeclaredMethods()) {
      if (Modifier.isNative(method.getModifiers())) {
        names.add("Java_" + library.getName().replace('.', '_') + "_" + method.getName());
      }
    }
    Matcher declared = DECLARED.matcher(Files.readString(SOURCES.resolve(header)));
    declared.results().forEach(found -> names.add(found.group(1)));
    return names;
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files.filter(f -> f.toString().matches(".*\\.[ch]")).sorted().toList();
    }
  }

  private static byte[] bytes(String name) {
    try {
      return Objects.requireNonNull(LibraryLoader.resource(name), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
