package org.mobilefinetuner.model;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.AdapterFolder;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.SafetensorsFolder;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Pages;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.text.Tokenizer;

/**
 * A model in Hugging Face's folder layout: {@code config.json}, safetensors weights, and the
 * tokenizer and generation files that belong to them.
 *
 * <p>Weights that were leased stay valid after the folder is closed.
 */
public final class ModelFolder implements AutoCloseable {
  public static final String CONFIG = "config.json";

  static final String GENERATION = "generation_config.json";
  private static final String EOS = "eos_token_id";

  private final Path path;
  private final JsonObject config;
  private final Model model;
  private final SafetensorsFolder source;
  private final int[] eos;

  private ModelFolder(
      Path path, JsonObject config, Model model, SafetensorsFolder source, int[] eos) {
    this.path = path;
    this.config = config;
    this.model = model;
    this.source = source;
    this.eos = eos;
  }

  /** Opens a folder for a model that is not trained in full. */
  public static ModelFolder open(Path folder) throws IOException {
    return open(folder, 0);
  }

  /**
   * @param dropout the rate on the embedding's and the blocks' outputs while training
   * @throws IOException if there is no such folder, or it holds no model that is supported
   */
  public static ModelFolder open(Path folder, float dropout) throws IOException {
    JsonObject config = config(folder);
    int[] eos = eos(generation(folder), config);
    SafetensorsFolder source = SafetensorsFolder.open(folder);
    try {
      Model model = Models.of(config, format(source), dropout);
      return new ModelFolder(folder, config, model, source, eos);
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** The {@code config.json} of a model folder. */
  public static JsonObject config(Path folder) throws IOException {
    Path file = folder.resolve(CONFIG);
    if (Files.isRegularFile(file)) {
      return JsonObject.read(file);
    }
    if (!Files.isDirectory(folder)) {
      throw new FileNotFoundException(
          "expected a model folder, found "
              + (Files.exists(folder) ? "a file" : "nothing")
              + " at "
              + folder
              + "; give the folder that holds config.json and model.safetensors");
    }
    boolean adapter = Files.exists(folder.resolve("adapter_config.json"));
    throw new FileNotFoundException(
        "expected "
            + CONFIG
            + " in the model folder, found "
            + (adapter ? "an adapter in " : "none in ")
            + folder
            + (adapter
                ? "; give the base model as the model and this folder as the adapter"
                : "; give the folder of a Hugging Face model"));
  }

  private static int[] eos(JsonObject generation, JsonObject config) throws IOException {
    JsonObject from = generation.has(EOS) ? generation : config;
    if (!from.has(EOS)) {
      return new int[0];
    }
    return from.get(EOS) instanceof List<?> ? from.integers(EOS) : new int[] {from.integer(EOS)};
  }

  /** All keys of generation_config.json, none if there is no such file. */
  public JsonObject generation() throws IOException {
    return generation(path);
  }

  private static JsonObject generation(Path folder) throws IOException {
    Path file = folder.resolve(GENERATION);
    return Files.isRegularFile(file) ? JsonObject.read(file) : JsonObject.empty();
  }

  public Path path() {
    return path;
  }

  /** All keys of config.json, also those that nothing here reads. */
  public JsonObject config() {
    return config;
  }

  public Model model() {
    return model;
  }

  /** The weights as the files name them. */
  public SafetensorsFolder source() {
    return source;
  }

  /** The bytes of the files that the weights are in. */
  public long storedBytes() throws IOException {
    long sum = 0;
    for (Path file : source.files()) {
      sum += Files.size(file);
    }
    return sum;
  }

  /** The tokens that end a text: any of them does. */
  public int[] eos() {
    return eos.clone();
  }

  /** The weights to be read only; matrices stay in the file. */
  public LoadedWeights frozen() throws IOException {
    return LoadedWeights.frozen(model, source);
  }

  /**
   * The weights to be read only, with the adapters in a folder of PEFT or mlx-lm.
   *
   * @param adapter null for none
   */
  public LoadedWeights adapted(@Nullable Path adapter) throws IOException {
    return adapted(frozen(), adapter);
  }

  /** The same with weights of this model that were loaded before. */
  public LoadedWeights adapted(LoadedWeights weights, @Nullable Path adapter) throws IOException {
    if (adapter != null) {
      AdapterFolder.read(adapter, sites(model)).forEach(weights::adapt);
    }
    return weights;
  }

  /** The weights as parameters. */
  public LoadedWeights trainable() throws IOException {
    return LoadedWeights.trainable(model, source);
  }

  /** The weights as parameters whose numbers are in a {@code room} of their own. */
  public LoadedWeights sharded(Numbers.Room room) throws IOException {
    return LoadedWeights.sharded(model, source, room);
  }

  /** The same; the model's files let go of what has been copied. */
  public LoadedWeights sharded(Numbers.Room room, Pages pages) throws IOException {
    return LoadedWeights.sharded(model, source, room, pages);
  }

  /** The type of the weights in the files; float32 if they have several. */
  public Format format() throws IOException {
    return format(source);
  }

  /** Whether matrices of the files are quantised; such weights can only be read. */
  public boolean quantized() throws IOException {
    for (String name : source.names()) {
      for (Quantization quantization : Quantization.values()) {
        if (quantization.name().equals(source.type(name))) {
          return true;
        }
      }
    }
    return false;
  }

  private static Format format(SafetensorsFolder source) throws IOException {
    Set<Format> found = EnumSet.noneOf(Format.class);
    for (String name : source.names()) {
      String type = source.type(name);
      for (Format format : Format.values()) {
        if (format.name().equals(type)) { // buffers, such as GPT-2's masks, have other types
          found.add(format);
        }
      }
    }
    return found.size() == 1 ? found.iterator().next() : Format.F32;
  }

  /** The projections of a model at which adapters may be put. */
  public static List<Site> sites(Model model) {
    List<Site> sites = new ArrayList<>();
    for (WeightSpec spec : model.weights()) {
      if (spec.layout() != null) {
        sites.add(new Site(spec.site(), spec.in(), spec.out(), spec.layout()));
      }
    }
    return sites;
  }

  /**
   * The folder's tokenizer, or null if it has none.
   *
   * @throws FormatException if it has tokens for which the embedding has no row
   */
  public @Nullable Tokenizer tokenizer() throws IOException {
    boolean there =
        Files.exists(path.resolve("tokenizer.json")) || Files.exists(path.resolve("vocab.json"));
    if (!there) {
      return null;
    }
    Tokenizer tokenizer = Tokenizer.load(path);
    requireVocabulary(path, tokenizer, model);
    return tokenizer;
  }

  /**
   * Checks that a tokenizer belongs to a model.
   *
   * @param from where the tokenizer was found
   * @throws FormatException if it has tokens for which the embedding has no row
   */
  public static void requireVocabulary(Path from, Tokenizer tokenizer, Model model)
      throws FormatException {
    if (tokenizer.vocabularySize() > model.vocabulary()) {
      throw new FormatException(
          from
              + ": expected a tokenizer of at most "
              + model.vocabulary()
              + " tokens, as many as the embedding has rows, found "
              + tokenizer.vocabularySize()
              + "; does the tokenizer belong to this model?");
    }
  }

  /**
   * Reads every weight: what a run does to find the reason for a loss that is not a number.
   *
   * @throws FormatException that names the first weight with a value that is not finite
   */
  public static void requireFinite(LoadedWeights weights) throws FormatException {
    for (WeightSpec spec : weights.model().weights()) {
      Matrix matrix = weights.get(spec.name()).readable();
      float[] row = new float[matrix.cols()];
      for (int r = 0; r < matrix.rows(); r++) {
        matrix.read(r, 0, 1, row.length, row, 0, row.length);
        for (int c = 0; c < row.length; c++) {
          if (!(Math.abs(row[c]) <= Float.MAX_VALUE)) {
            throw new FormatException(
                spec.name()
                    + ": expected finite weights, found "
                    + row[c]
                    + " at row "
                    + r
                    + ", column "
                    + c
                    + "; the file is damaged or training it has diverged");
          }
        }
      }
    }
  }

  /**
   * Writes the model with other weights, under the same names, with this folder's tokenizer.
   *
   * @param folder if it exists, its other files stay
   */
  public void write(Path folder, LoadedWeights weights, Format format) throws IOException {
    ModelWriter.write(
        folder,
        model,
        config,
        format,
        spec -> Item.of(weights.get(spec.name()).readable(), spec.shape(), format).values(),
        path);
  }

  /** Closes the files; matrices that were mapped stay valid. */
  @Override
  public void close() throws IOException {
    source.close();
  }
}
