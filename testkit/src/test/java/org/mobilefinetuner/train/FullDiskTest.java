package org.mobilefinetuner.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.memory.ScratchSpace;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.FullDisk;

/** A disk that fills up ends a run with a message, and harms nothing that was there before. */
class FullDiskTest {
  private static final int TRIALS = Integer.getInteger("mft.disks", 24);
  private static final int RATHER_FULL = 400_000; // bytes: a run writes more, shards included
  private static final Checkpointer.Policy EACH = new Checkpointer.Policy(1, 0, 2);

  @TempDir private Path temporary;
  private @Nullable Attempt reference;

  @BeforeEach
  void makeTheRunOnce() throws IOException {
    Attempt whole = new Attempt(TinyRun.Method.FULL, 1e-2f);
    whole.run(temporary.resolve("whole"), EACH, Attempt.STEPS);
    reference = whole;
  }

  /** Wherever it happens: in the log, a gradient's shard, a checkpoint. */
  @Test
  void aRunThatIsStartedAgainEndsWithTheSameBits() throws IOException {
    Random random = new Random(3);
    int failures = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      Path real = Files.createDirectory(temporary.resolve("disk-" + trial));
      FullDisk disk = new FullDisk(real, random.nextInt(RATHER_FULL));
      Path run = disk.path().resolve("run");
      if (!ends(disk, disk.path(), run)) {
        failures++;
        assertThat(temporaryFiles(real)).isEmpty();
        disk.empty();
        endsWithTheBitsOfTheReference(disk.path(), run);
      }
    }
    assertThat(failures).isGreaterThan(TRIALS / 2);
  }

  /** The shards on a disk that is full, the run on one that is not. */
  @Test
  void shardsWithoutRoomEndARun() throws IOException {
    Random random = new Random(4);
    for (int trial = 0; trial < 3; trial++) {
      Path scratch = Files.createDirectory(temporary.resolve("scratch-" + trial));
      FullDisk disk = new FullDisk(scratch, 60_000 + random.nextInt(RATHER_FULL));
      Path run = temporary.resolve("run-" + trial);
      assertThat(ends(disk, disk.path(), run)).isFalse();
      assertThat(temporaryFiles(temporary)).isEmpty();
      endsWithTheBitsOfTheReference(temporary, run);
    }
  }

  private void endsWithTheBitsOfTheReference(Path scratch, Path run) throws IOException {
    try (Shards shards = new Shards(scratch)) {
      Attempt again = new Attempt(shards, 1e-2f);
      again.run(run, EACH, Attempt.STEPS);
      assertThat(again.values()).isEqualTo(requireNonNull(reference).values());
    }
    assertThat(Attempt.log(run)).isEqualTo(Attempt.log(temporary.resolve("whole")));
  }

  /** Makes the run; false if the disk was too small, which must have been said. */
  private static boolean ends(FullDisk disk, Path scratch, Path run) throws IOException {
    try (Shards shards = new Shards(scratch)) {
      new Attempt(shards, 1e-2f).run(run, EACH, Attempt.STEPS);
      return true;
    } catch (UncheckedIOException | IOException e) {
      assertThat(e)
          .hasMessageContaining("No space left on device")
          .hasMessageContaining(disk.path().toString())
          .hasMessageMatching("(?s).*(is the disk full|free some space).*");
      return false;
    }
  }

  private static List<Path> temporaryFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".tmp")).toList();
    }
  }

  @Test
  void inputsWithoutRoomEndARun() throws IOException {
    FullDisk disk = new FullDisk(temporary, 1000);
    try (SpillFile spill = new SpillFile(disk.path(), 200)) {
      spill.write(0, Tensor.zeros(200));
      assertThatThrownBy(() -> spill.write(1, Tensor.zeros(200)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage(
              "expected room for a scratch file in %s, cannot write it: No space left on device; "
                  + "free some space, or set TMPDIR to another folder",
              temporary);
    }
  }

  /** What is known before a run begins is said before it begins. */
  @Test
  void spaceIsLookedForFirst() throws IOException {
    ScratchSpace.require(temporary, 1);
    assertThatThrownBy(() -> ScratchSpace.require(temporary, Long.MAX_VALUE / 2))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "expected \\d+ MB of free space for scratch files in .*, found \\d+ MB; free some.*");
  }
}
