package org.mobilefinetuner.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.Sha256Sums;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Numbers;

/**
 * A folder {@code checkpoint-<step>} with all that a run needs to go on from that step and to end
 * with the bits that it would have had. Nothing in it is a pickle.
 *
 * <ul>
 *   <li>the adapter as PEFT has it, or the model in float32;
 *   <li>{@code optimizer.safetensors}, {@code optimizer.json}: its state and its constants;
 *   <li>{@code scheduler.json}, {@code rng.json}, {@code data_state.json}: settings and positions;
 *   <li>{@code trainer_state.json}: progress and log, with the keys of Hugging Face's trainer;
 *   <li>{@code run.yaml}: the run's configuration;
 *   <li>{@code SHA256SUMS}: of all these.
 * </ul>
 */
public final class Checkpoint {
  static final String PREFIX = "checkpoint-";
  static final String STATE = "trainer_state.json";
  static final String STEP = "step";
  static final String EPOCH = "epoch";

  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String CONSTANTS = "optimizer.json";
  private static final String SCHEDULER = "scheduler.json";
  private static final String RANDOMNESS = "rng.json";
  private static final String DATA = "data_state.json";
  private static final List<String> WEIGHTS =
      Arrays.asList("adapter_model.safetensors", "model.safetensors");

  private final Path folder;
  private final Path weights;
  private final Progress progress;
  private final JsonObject state;

  private Checkpoint(Path folder, Path weights, Progress progress, JsonObject state) {
    this.folder = folder;
    this.weights = weights;
    this.progress = progress;
    this.state = state;
  }

  /** Writes the weights that are trained, exactly, in a form that can be used as it is. */
  @FunctionalInterface
  public interface Weights {
    void writeTo(Path folder) throws IOException;
  }

  /** Writes a checkpoint: whole, and on the disk, or not at all. */
  static void write(
      Path folder,
      Weights weights,
      RunState run,
      RunSettings settings,
      String runYaml,
      JsonObject trainerState)
      throws IOException {
    int step = run.progress().steps();
    Map<String, SafetensorsWriter.Item> optimizer = new LinkedHashMap<>();
    run.optimizer()
        .forEach(
            (name, numbers) ->
                optimizer.put(
                    name, new SafetensorsWriter.Item(numbers.shape(), Format.F32, numbers::read)));
    AtomicFolder.replace(
        folder,
        to -> {
          weights.writeTo(to);
          SafetensorsWriter.write(to.resolve(OPTIMIZER), optimizer);
          AtomicFile.write(to.resolve(CONSTANTS), settings.optimizer(step).pretty());
          AtomicFile.write(to.resolve(SCHEDULER), settings.scheduler(step).pretty());
          AtomicFile.write(to.resolve(RANDOMNESS), settings.randomness(step).pretty());
          AtomicFile.write(to.resolve(DATA), settings.data(step).pretty());
          AtomicFile.write(to.resolve(STATE), trainerState.pretty());
          AtomicFile.write(to.resolve(RunFolder.CONFIG), runYaml);
          Sha256Sums.write(to);
        });
  }

  /**
   * Opens a checkpoint for a run of the given weights.
   *
   * @throws FormatException if a file is missing or has other bytes than were written, or if the
   *     weights are those of another model
   */
  public static Checkpoint open(Path folder, List<Parameter> parameters) throws IOException {
    Collection<String> files =
        Sha256Sums.verify(
            folder,
            Arrays.asList(
                OPTIMIZER, CONSTANTS, SCHEDULER, RANDOMNESS, DATA, STATE, RunFolder.CONFIG));
    for (String name : WEIGHTS) {
      if (files.contains(name)) {
        requireShapes(folder.resolve(name), parameters);
        JsonObject state = JsonObject.read(folder.resolve(STATE));
        Progress progress = Progress.of(TrainerState.callback(state, TrainerState.PROGRESS));
        return new Checkpoint(folder, folder.resolve(name), progress, state);
      }
    }
    throw new FormatException(folder + ": expected one of " + WEIGHTS + ", found " + files);
  }

  private static void requireShapes(Path file, List<Parameter> parameters) throws IOException {
    try (Safetensors source = Safetensors.open(file)) {
      Set<String> names = source.names();
      for (Parameter p : parameters) {
        int[] expected = p.value().shape();
        if (!names.contains(p.name()) || !Arrays.equals(source.shape(p.name()), expected)) {
          throw new FormatException(
              file
                  + ": expected "
                  + p.name()
                  + " "
                  + Arrays.toString(expected)
                  + ", found "
                  + (names.contains(p.name()) ? Arrays.toString(source.shape(p.name())) : "none")
                  + "; it is of another model or method");
        }
      }
      if (names.size() != parameters.size()) {
        throw new FormatException(
            file
                + ": expected the "
                + parameters.size()
                + " tensors that are trained, found "
                + names.size()
                + "; it is of another model or method");
      }
    }
  }

  /**
   * Checks that the run that wrote it was the same.
   *
   * @throws OtherRunException that names what is not the same
   */
  public void require(RunSettings settings) throws IOException {
    int step = progress.steps();
    requireSame(SCHEDULER, settings.scheduler(step));
    requireSame(CONSTANTS, settings.optimizer(step));
    requireSame(RANDOMNESS, settings.randomness(step));
    requireSame(DATA, settings.data(step));
  }

  private void requireSame(String file, JsonObject wanted) throws IOException {
    JsonObject expected = JsonObject.parse(file, wanted.toString()); // numbers as they are read
    JsonObject found = JsonObject.read(folder.resolve(file));
    for (String key : expected.keys()) {
      if (!String.valueOf(expected.get(key)).equals(String.valueOf(found.get(key)))) {
        throw new OtherRunException(
            folder + ": " + key + " was " + found.get(key) + ", now it is " + expected.get(key));
      }
    }
  }

  /** Gives the weights and the optimizer's state, all in their places already, their values. */
  void restore(List<Parameter> parameters, Map<String, Numbers> optimizer) throws IOException {
    try (Safetensors source = Safetensors.open(weights)) {
      for (Parameter p : parameters) {
        copy(source, p.name(), p.numbers());
      }
    }
    try (Safetensors source = Safetensors.open(folder.resolve(OPTIMIZER))) {
      for (Map.Entry<String, Numbers> entry : optimizer.entrySet()) {
        copy(source, entry.getKey(), entry.getValue());
      }
    }
  }

  private static void copy(Safetensors source, String name, Numbers to) throws IOException {
    int[] shape = to.shape();
    if (!source.type(name).equals("F32") || !Arrays.equals(source.shape(name), shape)) {
      throw new FormatException(
          source
              + ": expected "
              + name
              + " as F32 "
              + Arrays.toString(shape)
              + ", found "
              + source.type(name)
              + " "
              + Arrays.toString(source.shape(name)));
    }
    if (shape.length == 2) { // which is read piece by piece
      to.fill(SafetensorsWriter.Item.of(source.matrix(name), shape, Format.F32).values()::fill);
    } else {
      to.copyFrom(source.tensor(name));
    }
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /** How far the run had come. */
  public Progress progress() {
    return progress;
  }

  /** The state in {@code trainer_state.json}. */
  JsonObject state() {
    return state;
  }

  /** The run's own configuration, as text. */
  public String runYaml() throws IOException {
    return TextFile.read(folder.resolve(RunFolder.CONFIG));
  }
}
