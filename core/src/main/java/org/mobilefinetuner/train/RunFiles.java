package org.mobilefinetuner.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.TextFile;

/** The files that a run owns in a folder that may hold others: deleting and moving them. */
final class RunFiles {
  /** Lists the files of a run whose move has begun; what it replaces is whole no more. */
  private static final String PUBLISHING = "publishing.txt";

  /** What a run leaves, besides its checkpoints: an adapter or a model, and the best of them. */
  private static final List<String> OWNED =
      Arrays.asList(
          RunFolder.BEST,
          "README.md",
          "adapter_config.json",
          "adapter_model.safetensors",
          "config.json",
          "metrics.jsonl",
          "model.safetensors",
          "model.safetensors.index.json",
          "report.html",
          "run.yaml",
          "samples.json",
          "tensorboard",
          "train_results.json",
          "trainer_state.json");

  private RunFiles() {}

  /** Deletes what a run has left, if one has been made there. */
  static void clear(Path folder) throws IOException {
    if (RunFolder.holdsRun(folder)) {
      sweep(folder);
      for (Path checkpoint : Checkpoints.in(folder)) {
        AtomicFolder.remove(checkpoint);
      }
      for (Path file : owned(folder)) {
        AtomicFolder.delete(file);
      }
    }
  }

  /** Deletes what was half written when a run was killed. */
  static void sweep(Path folder) throws IOException {
    for (Path file : list(folder)) {
      String name = file.getFileName().toString();
      String whole = name.endsWith(".tmp") ? name.substring(0, name.length() - 4) : "";
      whole = whole.endsWith(".old") ? whole.substring(0, whole.length() - 4) : whole;
      if (name.equals(".writing") || OWNED.contains(whole) || whole.startsWith(Checkpoint.PREFIX)) {
        AtomicFolder.delete(file);
      }
    }
    AtomicFolder.delete(folder.resolve(RunFolder.BEST).resolve(".writing"));
  }

  /** Moves a finished run to where an older one is, which it replaces. */
  static void publish(Path finished, Path target) throws IOException {
    writeList(finished);
    completePublishing(finished, target);
  }

  private static void writeList(Path finished) throws IOException {
    StringBuilder names = new StringBuilder();
    for (Path file : list(finished)) {
      names.append(file.getFileName()).append('\n');
    }
    AtomicFile.write(finished.resolve(PUBLISHING), names.toString());
  }

  /** Does what is left to do of a move; can be killed and done again at any point. */
  static boolean completePublishing(Path finished, Path target) throws IOException {
    Path list = finished.resolve(PUBLISHING);
    if (!Files.exists(list)) {
      if (!RunFolder.holdsFinishedRun(finished)) {
        return false;
      }
      writeList(finished);
    }
    sweep(target);
    Set<String> published = new TreeSet<>(Arrays.asList(TextFile.read(list).split("\n", -1)));
    List<Path> old = new ArrayList<>(Checkpoints.in(target));
    old.addAll(owned(target));
    for (Path file : old) {
      if (!published.contains(file.getFileName().toString())) {
        AtomicFolder.remove(file);
      }
    }
    for (Path file : list(finished)) {
      Path to = target.resolve(file.getFileName().toString());
      if (!file.equals(list)) {
        if (Files.isDirectory(file)) {
          AtomicFolder.remove(to);
        }
        Files.move(file, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    AtomicFolder.delete(finished);
    return true;
  }

  /** A README.md beside a model is somebody's own; beside an adapter it is its card. */
  private static List<Path> owned(Path folder) {
    boolean adapter = Files.exists(folder.resolve("adapter_config.json"));
    List<Path> files = new ArrayList<>();
    for (String name : OWNED) {
      if (adapter || !name.equals("README.md")) {
        files.add(folder.resolve(name));
      }
    }
    return files;
  }

  private static List<Path> list(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      all.sorted().forEach(files::add);
    }
    return files;
  }
}
