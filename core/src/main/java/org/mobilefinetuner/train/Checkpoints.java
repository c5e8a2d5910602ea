package org.mobilefinetuner.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.Sha256Sums;

/** The checkpoints in the folder of a run. */
public final class Checkpoints {
  private static final Pattern NAME = Pattern.compile(Checkpoint.PREFIX + "(\\d{1,9})");

  private Checkpoints() {}

  /** Those of this program, also damaged ones, the one of the latest step first. */
  public static List<Path> in(Path run) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(run)) {
      try (Stream<Path> all = Files.list(run)) {
        all.filter(Checkpoints::isOurs).forEach(found::add);
      }
    }
    found.sort(Comparator.comparingInt(Checkpoints::step).reversed());
    return found;
  }

  /** Whether the folder has the name and one of the files that only this program writes. */
  private static boolean isOurs(Path folder) {
    return NAME.matcher(String.valueOf(folder.getFileName())).matches()
        && (Files.exists(folder.resolve(Sha256Sums.NAME))
            || Files.exists(folder.resolve(RunFolder.CONFIG)));
  }

  /** The step in the name of a checkpoint. */
  public static int step(Path checkpoint) {
    return Integer.parseInt(
        checkpoint.getFileName().toString().substring(Checkpoint.PREFIX.length()));
  }

  /**
   * The first of {@code candidates} that is whole and of this run.
   *
   * @param complaints told why one cannot be used
   * @return null if none is whole
   * @throws OtherRunException if some are whole, but of runs that are not the same
   */
  public static @Nullable Checkpoint usable(
      List<Path> candidates,
      List<Parameter> parameters,
      RunSettings settings,
      Consumer<String> complaints)
      throws IOException {
    @Nullable OtherRunException other = null;
    for (Path candidate : candidates) {
      try {
        Checkpoint checkpoint = Checkpoint.open(candidate, parameters);
        checkpoint.require(settings);
        return checkpoint;
      } catch (OtherRunException e) {
        other = other == null ? e : other;
      } catch (IOException e) { // damaged, or not to be read
        complaints.accept(String.valueOf(e.getMessage()));
      }
    }
    if (other != null) {
      throw other;
    }
    return null;
  }

  /**
   * Leaves the {@code limit} latest up to {@code step}; later ones are of a run that went wrong.
   */
  static void prune(Path run, int step, int limit) throws IOException {
    int left = limit;
    for (Path checkpoint : in(run)) {
      if (step(checkpoint) > step || --left < 0) {
        AtomicFolder.remove(checkpoint);
      }
    }
  }

  /**
   * @throws IOException if there is a folder with the name of a checkpoint that somebody else wrote
   */
  static void requireNoOthers(Path run) throws IOException {
    try (Stream<Path> all = Files.list(run)) {
      for (Path folder : (Iterable<Path>) all::iterator) {
        if (NAME.matcher(folder.getFileName().toString()).matches() && !isOurs(folder)) {
          throw new IOException(
              "expected no checkpoints of another program in the output folder, found "
                  + folder
                  + "; choose another output folder");
        }
      }
    }
  }
}
