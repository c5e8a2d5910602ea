package org.mobilefinetuner.app;

import android.content.Context;
import android.content.res.AssetManager;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.AtomicFile;

/** The models, data and runs in the app's own files. */
final class Library {
  /** The model and the data that come with the app. */
  static final String DEMO = "Smart home (demo)";

  /** The data of the other demo, for the same model. */
  static final String HEALTH = "Health log (demo)";

  private static final String ASSETS = "quickstart";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH.mm.ss", Locale.ROOT);

  private final Path root;
  private final AssetManager assets;

  Library(Context context) {
    this.root = Paths.get(context.getFilesDir().getPath());
    this.assets = context.getAssets();
  }

  /** A model or a data file, shown by its name. */
  record Item(Path path) {
    @Override
    public String toString() {
      return path.getFileName().toString().replaceFirst("\\.(jsonl|json|txt)$", "");
    }
  }

  List<Item> models() throws IOException {
    return items("models");
  }

  List<Item> data() throws IOException {
    return items("data");
  }

  private List<Item> items(String folder) throws IOException {
    List<Item> items = new ArrayList<>();
    for (Path path : list(folder)) {
      items.add(new Item(path));
    }
    return items;
  }

  /** The folders of runs, the latest first. */
  List<Path> runs() throws IOException {
    List<Path> runs = list("runs");
    Collections.reverse(runs);
    return runs;
  }

  private List<Path> list(String folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(Files.createDirectories(root.resolve(folder)))) {
      all.filter(path -> !path.toString().endsWith(".tmp")).sorted().forEach(found::add);
    }
    return found;
  }

  Path model(String name) {
    return root.resolve("models").resolve(name);
  }

  Path dataFile(String name) {
    return root.resolve("data").resolve(name);
  }

  /** The folder of a new run, named by the time and the model. */
  Path newRun(Item model) {
    String name = LocalDateTime.now(ZoneId.systemDefault()).format(TIME) + " " + model;
    return root.resolve("runs").resolve(name);
  }

  /** Questions that nobody can answer who was not trained on {@code data}, or null for others. */
  @Nullable Path questions(Path data) {
    return data.equals(dataFile(DEMO + ".jsonl"))
        ? root.resolve("demo-questions.jsonl")
        : data.equals(dataFile(HEALTH + ".jsonl")) ? root.resolve("health-questions.jsonl") : null;
  }

  /** Copies the demo from the app's assets, once; not on the main thread. */
  void installDemo() throws IOException {
    Path model = Files.createDirectories(model(DEMO));
    Files.createDirectories(root.resolve("data"));
    for (String name : new String[] {"config.json", "tokenizer.json", "tokenizer_config.json"}) {
      install("model/" + name, model.resolve(name));
    }
    install("model/model.safetensors", model.resolve("model.safetensors"));
    install("train.jsonl", dataFile(DEMO + ".jsonl"));
    install("show.jsonl", root.resolve("demo-questions.jsonl"));
    install("health-log/train.jsonl", dataFile(HEALTH + ".jsonl"));
    install("health-log/show.jsonl", root.resolve("health-questions.jsonl"));
  }

  private void install(String asset, Path to) throws IOException {
    if (!Files.exists(to)) {
      try (InputStream in = assets.open(ASSETS + "/" + asset)) {
        AtomicFile.write(to, out -> Streams.copy(in, out));
      }
    }
  }
}
