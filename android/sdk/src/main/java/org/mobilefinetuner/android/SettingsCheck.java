package org.mobilefinetuner.android;

import java.util.List;
import java.util.Set;
import org.mobilefinetuner.energy.PowerPolicy;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/** Says what is wrong with options: the first one, what was wanted and what was found. */
final class SettingsCheck {
  private static final Set<String> NAMES =
      Set.of(
          "adapter",
          "batch_size",
          "battery_floor",
          "data",
          "epochs",
          "eval_steps",
          "grad_accumulation_steps",
          "learning_rate",
          "logging_steps",
          "lora_alpha",
          "lora_dropout",
          "lora_rank",
          "lora_targets",
          "lr_scheduler_type",
          "max_grad_norm",
          "max_seq_length",
          "max_steps",
          "max_temp",
          "memory_budget",
          "method",
          "model",
          "only_charging",
          "output_dir",
          "power_check_steps",
          "power_slowdown",
          "power_threshold",
          "save_minutes",
          "save_steps",
          "seed",
          "threads",
          "valid_data",
          "wait_for_power",
          "warmup_ratio",
          "warmup_steps",
          "weight_decay");

  private final JsonObject options;

  SettingsCheck(JsonObject options) {
    this.options = options;
  }

  /** Reads every option once, so that no getter of the settings can fail later. */
  void check(FineTuningSettings settings) throws FormatException {
    for (String key : options.keys()) {
      if (!NAMES.contains(key)) {
        throw options.wrong("expected the options of mft train, found " + key);
      }
    }
    options.string("model");
    options.string("data");
    options.string("output_dir");
    options.stringOrNull("valid_data");
    options.stringOrNull("adapter");
    oneOf("method", "lora", "dora", "full");
    oneOf("lr_scheduler_type", "cosine", "linear", "constant");
    for (String key :
        new String[] {
          "lora_rank",
          "batch_size",
          "grad_accumulation_steps",
          "epochs",
          "max_steps",
          "logging_steps",
          "threads"
        }) {
      atLeast(key, 1, true);
    }
    atLeast("max_seq_length", 2, true);
    for (String key : new String[] {"warmup_steps", "eval_steps", "save_steps"}) {
      atLeast(key, 0, true);
    }
    for (String key :
        new String[] {
          "warmup_ratio", "weight_decay", "max_grad_norm", "memory_budget", "save_minutes"
        }) {
      atLeast(key, 0, false);
    }
    options.number("lora_alpha", 16);
    options.number("seed", 42);
    if (!(options.number("learning_rate", 1) > 0)) {
      throw options.wrong("learning_rate", "a number above 0");
    }
    if (!(options.number("lora_dropout", 0) >= 0 && options.number("lora_dropout", 0) < 1)) {
      throw options.wrong("lora_dropout", "a number from 0 to below 1");
    }
    if (options.has("lora_targets")) {
      options.list("lora_targets");
    }
    checkPower(settings);
  }

  private void checkPower(FineTuningSettings settings) throws FormatException {
    for (String key :
        new String[] {"power_threshold", "power_slowdown", "battery_floor", "max_temp"}) {
      options.number(key, 0);
    }
    options.bool("wait_for_power", false);
    options.bool("only_charging", false);
    try {
      List<PowerPolicy> unused = DevicePower.policies(settings);
    } catch (IllegalArgumentException e) {
      throw new FormatException(options.source() + ": " + e.getMessage(), e);
    }
  }

  private void oneOf(String key, String... names) throws FormatException {
    String value = options.string(key, names[0]);
    if (!List.of(names).contains(value)) {
      throw options.wrong(key, "one of " + List.of(names));
    }
  }

  private void atLeast(String key, int least, boolean whole) throws FormatException {
    double value = whole ? options.integer(key, least) : options.number(key, least);
    if (!(value >= least)) {
      throw options.wrong(key, "a number of at least " + least);
    }
  }
}
