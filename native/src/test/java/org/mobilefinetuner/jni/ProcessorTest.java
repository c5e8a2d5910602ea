package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessorTest {
  private static final Set<String> V3 = Set.of("avx2", "fma", "bmi1", "bmi2", "f16c", "movbe");
  private static final Set<String> V4 =
      Set.of(
          "avx2",
          "fma",
          "bmi1",
          "bmi2",
          "f16c",
          "movbe",
          "avx512f",
          "avx512bw",
          "avx512cd",
          "avx512dq",
          "avx512vl");

  @Test
  void theWidestVectorsAreTaken() {
    assertThat(new Processor("Linux", "aarch64", Set.of()).library()).isEqualTo("libmft-arm64.so");
    assertThat(new Processor("Linux", "amd64", V3).library()).isEqualTo("libmft-x86-64-v3.so");
    assertThat(new Processor("Linux", "amd64", V4).library()).isEqualTo("libmft-x86-64-v4.so");
  }

  @Test
  void otherMachinesAreRefusedWithTheReason() {
    assertThat(new Processor("Linux", "aarch64", Set.of()).unsupported()).isNull();
    assertThat(new Processor("Linux", "amd64", V3).unsupported()).isNull();
    assertThat(new Processor("Linux", "amd64", Set.of("sse2")).unsupported()).contains("AVX2");
    assertThat(new Processor("Linux", "riscv64", Set.of()).unsupported())
        .contains("arm64", "riscv64");
    assertThat(new Processor("Mac OS X", "aarch64", Set.of()).unsupported())
        .contains("Linux", "Mac OS X");
  }

  @Test
  void bfloat16IsOfTheProcessor() {
    Set<String> bf16 = new HashSet<>(V4);
    bf16.add("avx512_bf16");
    assertThat(new Processor("Linux", "amd64", bf16).withoutBf16()).isNull();
    assertThat(new Processor("Linux", "amd64", V4).withoutBf16()).contains("avx512_bf16");
    assertThat(new Processor("Linux", "aarch64", Set.of("asimd", "bf16")).withoutBf16()).isNull();
    assertThat(new Processor("Linux", "aarch64", Set.of("asimd")).withoutBf16())
        .contains("processor with bf16", "--backend native");
    assertThat(new Processor("Mac OS X", "aarch64", Set.of("bf16")).withoutBf16())
        .contains("Linux");
  }

  @Test
  void wordsOfBothArchitecturesAreRead(@TempDir Path folder) throws IOException {
    Path arm = folder.resolve("arm");
    Files.writeString(arm, "processor\t: 0\nFeatures\t: fp asimd i8mm bf16\nCPU part\t: 0xd0b\n");
    assertThat(Processor.flags(arm)).containsExactlyInAnyOrder("fp", "asimd", "i8mm", "bf16");
    Path x86 = folder.resolve("x86");
    Files.writeString(x86, "bugs\t\t: none\nflags\t\t: fma avx512_bf16\n");
    assertThat(Processor.flags(x86)).containsExactlyInAnyOrder("fma", "avx512_bf16");
    assertThat(Processor.flags(folder.resolve("none"))).isEmpty();
  }
}
