package org.mobilefinetuner.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No file, however damaged, ends a program, exhausts its memory or keeps it busy.
 *
 * <p>{@code -Dmft.fuzz.inputs=100000} tries so many of them, from {@code -Dmft.fuzz.seed} on. A
 * seed that fails is put into {@code damage/failed-once.txt} when it is mended. What a seed means
 * depends on {@link Damage} and on the whole file.
 */
class DamagedFilesTest {
  private static final long SEED = Long.getLong("mft.fuzz.seed", 0);
  private static final int INPUTS = Integer.getInteger("mft.fuzz.inputs", 1500);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void areReadOrRefused(DamagedFile kind) throws IOException {
    DamagedReads reads = kind.in(folder);
    int inputs = INPUTS / DamagedFile.values().length;
    List<String> failures = new ArrayList<>();
    long started = System.nanoTime();
    for (long seed = SEED; seed < SEED + inputs; seed++) {
      String failure = reads.failure(seed);
      if (failure != null) {
        failures.add(kind + ", " + seed + ": " + failure);
      }
    }
    System.out.printf(
        "%-16s %6d inputs, %6d refused, %d failures, %.1f s%n",
        kind, inputs, reads.refused(), failures.size(), (System.nanoTime() - started) * 1e-9);
    assertThat(failures).isEmpty();
    assertThat(reads.refused()).isBetween(inputs / 10, inputs - inputs / 100);
  }

  @Test
  void whatFailedOnceDoesNotFailAgain() throws IOException {
    List<String> failures = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(Resources.find("damage/failed-once.txt"))) {
      String[] words = line.split(" ", -1);
      DamagedFile kind = DamagedFile.valueOf(words[0]);
      DamagedReads reads = kind.in(Files.createDirectory(folder.resolve("line" + number++)));
      for (int i = 1; i < words.length; i++) {
        String failure = reads.failure(Long.parseLong(words[i]));
        if (failure != null) {
          failures.add(kind + ", " + words[i] + ": " + failure);
        }
      }
    }
    assertThat(failures).isEmpty();
  }
}
