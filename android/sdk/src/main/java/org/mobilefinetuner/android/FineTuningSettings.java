package org.mobilefinetuner.android;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.optim.Schedule;

/**
 * What a run is asked to be: the options of {@code mft train} under the same names, with the same
 * meaning and defaults, but checkpoints every two minutes, because a phone may end a process at any
 * time.
 *
 * <p>Immutable. {@link #json} survives the process, in a job's extras or an intent, and is the
 * {@code run.yaml} of the output folder.
 */
public final class FineTuningSettings {
  /** What may be another when a run goes on: it ends with the same bits. */
  private static final Set<String> SAME_RESULT =
      Set.of(
          "battery_floor",
          "max_temp",
          "only_charging",
          "output_dir",
          "power_check_steps",
          "power_slowdown",
          "power_threshold",
          "save_minutes",
          "save_steps",
          "threads",
          "wait_for_power");

  private final JsonObject options;

  private FineTuningSettings(JsonObject options) {
    this.options = options;
  }

  /**
   * Begins settings.
   *
   * @param model a folder in Hugging Face's layout
   * @param data a text file, JSONL or JSON, or a folder with {@code train} and perhaps {@code
   *     valid}
   * @param output the folder for the run and its result
   */
  public static Builder of(Path model, Path data, Path output) {
    return new Builder()
        .put("model", model.toString())
        .put("data", data.toString())
        .put("output_dir", output.toString());
  }

  /**
   * Reads what {@link #json} has written.
   *
   * @throws IOException that says which option is wrong, and how
   */
  public static FineTuningSettings parse(String json) throws IOException {
    JsonObject options = JsonObject.parse("settings", json);
    FineTuningSettings settings = new FineTuningSettings(options);
    new SettingsCheck(options).check(settings);
    return settings;
  }

  /** All options that were given, as JSON, which is YAML too. */
  public String json() {
    return options.pretty();
  }

  public Path model() {
    return path("model");
  }

  public Path data() {
    return path("data");
  }

  public Path output() {
    return path("output_dir");
  }

  /** Examples to evaluate on, if they are not beside the data. */
  public @Nullable Path validation() {
    return options.has("valid_data") ? path("valid_data") : null;
  }

  /** The adapter that is trained on, or null to begin with a new one. */
  public @Nullable Path adapter() {
    return options.has("adapter") ? path("adapter") : null;
  }

  public Method method() {
    return Method.valueOf(text("method", "lora").toUpperCase(Locale.ROOT));
  }

  int rank() {
    return whole("lora_rank", 8);
  }

  float alpha() {
    return (float) number("lora_alpha", 16);
  }

  float dropout() {
    return (float) number("lora_dropout", 0);
  }

  List<String> targets() {
    if (!options.has("lora_targets")) {
      return List.of(TargetModules.ALL_LINEAR);
    }
    List<String> names = new ArrayList<>();
    for (Object name : checked(() -> options.list("lora_targets"))) {
      names.add(String.valueOf(name));
    }
    return names;
  }

  float learningRate() {
    return (float) number("learning_rate", method() == Method.FULL ? 2e-5 : 2e-4);
  }

  float weightDecay() {
    return (float) number("weight_decay", method() == Method.FULL ? 0.01 : 0);
  }

  Schedule.Shape schedule() {
    return Schedule.Shape.valueOf(text("lr_scheduler_type", "cosine").toUpperCase(Locale.ROOT));
  }

  /** The steps in which the rate rises, of {@code steps}. */
  int warmup(int steps) {
    int some = (int) Math.ceil(number("warmup_ratio", 0.03) * steps);
    return whole("warmup_steps", some);
  }

  int batchSize() {
    return whole("batch_size", 4);
  }

  int accumulation() {
    return whole("grad_accumulation_steps", 1);
  }

  /** How many steps the run has, where an epoch has {@code perEpoch}. */
  int steps(int perEpoch) {
    return options.has("max_steps")
        ? whole("max_steps", 1)
        : Math.multiplyExact(perEpoch, whole("epochs", 1));
  }

  /** The most tokens of a sequence, for a model that can read {@code positions}. */
  int length(int positions) {
    return whole("max_seq_length", Math.min(512, positions));
  }

  float maxGradNorm() {
    return (float) number("max_grad_norm", 1);
  }

  long seed() {
    return (long) number("seed", 42);
  }

  int evalSteps(int otherwise) {
    return whole("eval_steps", otherwise);
  }

  /** Bytes that the process may have, 0 for what the device allows. */
  public long memoryBudget() {
    return (long) number("memory_budget", 0);
  }

  int saveSteps() {
    return whole("save_steps", 0);
  }

  double saveMinutes() {
    return number("save_minutes", 2);
  }

  int loggingSteps() {
    return whole("logging_steps", 10);
  }

  int powerCheckSteps() {
    return whole("power_check_steps", 1);
  }

  int threads() {
    return whole("threads", Runtime.getRuntime().availableProcessors());
  }

  /** The keys whose values are not those of another run, as far as they decide its result. */
  List<String> differences(FineTuningSettings other) {
    Set<String> keys = new LinkedHashSet<>(options.keys());
    keys.addAll(other.options.keys());
    keys.removeAll(SAME_RESULT);
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      if (!Objects.equals(plain(options.get(key)), plain(other.options.get(key)))) {
        differences.add(key);
      }
    }
    return differences;
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return value instanceof Number n ? (Object) n.doubleValue() : value;
  }

  private interface Reading<T> {
    T read() throws FormatException;
  }

  private static <T> T checked(Reading<T> reading) {
    try {
      return reading.read();
    } catch (FormatException e) {
      throw new IllegalStateException(e); // the check has read it before
    }
  }

  private Path path(String key) {
    return Paths.get(checked(() -> options.string(key)));
  }

  private String text(String key, String otherwise) {
    return checked(() -> options.string(key, otherwise));
  }

  private int whole(String key, int otherwise) {
    return checked(() -> options.integer(key, otherwise));
  }

  boolean has(String key) {
    return options.has(key);
  }

  boolean is(String key) {
    return checked(() -> options.bool(key, false));
  }

  double number(String key, double otherwise) {
    return checked(() -> options.number(key, otherwise));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FineTuningSettings s && s.json().equals(json());
  }

  @Override
  public int hashCode() {
    return json().hashCode();
  }

  @Override
  public String toString() {
    return options.toString();
  }

  /** Settings in the making. What is not given has the default of {@code mft train}. */
  public static final class Builder {
    private final Map<String, Object> options = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Gives any option by the name that it has in {@code mft train}'s YAML, such as {@code
     * grad_accumulation_steps}.
     */
    public Builder put(String key, Object value) {
      options.put(key, value);
      return this;
    }

    public Builder method(Method method) {
      return put("method", method.toString());
    }

    public Builder validation(Path file) {
      return put("valid_data", file.toString());
    }

    /** Trains an adapter on that is there, rather than a new one. */
    public Builder adapter(Path folder) {
      return put("adapter", folder.toString());
    }

    public Builder rank(int rank) {
      return put("lora_rank", rank);
    }

    public Builder alpha(double alpha) {
      return put("lora_alpha", alpha);
    }

    public Builder learningRate(double rate) {
      return put("learning_rate", rate);
    }

    public Builder batchSize(int sequences) {
      return put("batch_size", sequences);
    }

    public Builder maxSteps(int steps) {
      return put("max_steps", steps);
    }

    public Builder epochs(int epochs) {
      return put("epochs", epochs);
    }

    /** The most tokens of a sequence. */
    public Builder maxLength(int tokens) {
      return put("max_seq_length", tokens);
    }

    public Builder seed(long seed) {
      return put("seed", seed);
    }

    /** Below {@code percent} of the battery go at 1 - {@code slowdown} of full speed. */
    public Builder power(double percent, double slowdown) {
      return put("power_threshold", percent).put("power_slowdown", slowdown);
    }

    /** At so many percent, without a charger, save a checkpoint and stop. */
    public Builder batteryFloor(double percent) {
      return put("battery_floor", percent);
    }

    /** Slow down so that the battery stays below this temperature. */
    public Builder maxTemperature(double celsius) {
      return put("max_temp", celsius);
    }

    /** The most memory of the process, all of it counted. */
    public Builder memoryBudget(long bytes) {
      return put("memory_budget", bytes);
    }

    /**
     * Checks the options, but not whether the files are there.
     *
     * @throws IllegalArgumentException that says which option is wrong, and how
     */
    public FineTuningSettings build() {
      JsonObject object = JsonObject.empty();
      options.forEach(object::put);
      try {
        return parse(object.toString());
      } catch (IOException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
  }
}
