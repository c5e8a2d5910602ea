package org.mobilefinetuner.adapter;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.mobilefinetuner.io.BoundedRegex;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.ops.Layout;

/**
 * PEFT's {@code adapter_config.json} of a LoRA or DoRA adapter.
 *
 * <p>Keys that change the result in a way that is not implemented are refused by name; all others
 * that are unknown are passed over, and those that are missing have PEFT's defaults.
 */
final class PeftConfig {
  static final String BASE = "base_model_name_or_path";

  private static final int MAX_PATTERN = 500; // its parser recurses
  private static final String FILE = PeftFolder.CONFIG;

  /** Initialisations that leave the base's weights as they are. */
  private static final Set<String> PLAIN_INITS = Set.of("gaussian", "orthogonal", "eva");

  /** Keys that, unless null, false, empty or "none", ask for more than LoRA and DoRA. */
  private static final List<String> REFUSED =
      List.of(
          "modules_to_save",
          "bias",
          "lora_bias",
          "layer_replication",
          "trainable_token_indices",
          "target_parameters",
          "alora_invocation_tokens",
          "use_qalora",
          "use_bdlora",
          "arrow_config",
          "kasa_config",
          "velora_config",
          "monteclora_config");

  private final JsonObject json;

  private PeftConfig(JsonObject json) {
    this.json = json;
  }

  /**
   * @throws FormatException if it describes something else than LoRA or DoRA
   */
  static PeftConfig read(Path file) throws IOException {
    JsonObject json = JsonObject.read(file);
    refuseAllButLora(json);
    return new PeftConfig(json);
  }

  int rank(String site) throws FormatException {
    double rank = matched("rank_pattern", site, json.number("r", 8));
    if (rank < 1 || rank != (int) rank) {
      throw new FormatException(FILE + ": expected a rank of 1 or more, found " + rank);
    }
    return (int) rank;
  }

  float scale(String site) throws FormatException {
    double alpha = matched("alpha_pattern", site, json.number("lora_alpha", 8));
    float scale = Lora.scale(alpha, rank(site), rankStabilised(json));
    if (!(Math.abs(scale) <= Float.MAX_VALUE)) {
      throw json.wrong("lora_alpha", "a scale within float32");
    }
    return scale;
  }

  static boolean rankStabilised(JsonObject config) throws FormatException {
    return config.bool("use_rslora", false);
  }

  boolean dora() throws FormatException {
    return json.bool("use_dora", false);
  }

  float dropout() throws FormatException {
    return dropout(json, "lora_dropout");
  }

  static float dropout(JsonObject json, String key) throws FormatException {
    float dropout = (float) json.number(key, 0);
    if (!(dropout >= 0 && dropout < 1)) {
      throw json.wrong(key, "a rate from 0 to below 1");
    }
    return dropout;
  }

  /** The number of the first pattern that a site's name ends with, as PEFT searches them. */
  private double matched(String key, String site, double otherwise) throws FormatException {
    if (!json.has(key)) {
      return otherwise;
    }
    JsonObject patterns = json.object(key);
    for (String pattern : patterns.keys()) {
      if (endsWith(site, key, pattern)) {
        return patterns.number(pattern);
      }
    }
    return otherwise;
  }

  private static boolean endsWith(String site, String key, String pattern) throws FormatException {
    if (pattern.length() > MAX_PATTERN) {
      throw new FormatException(
          FILE
              + ": expected patterns of at most "
              + MAX_PATTERN
              + " characters in "
              + key
              + ", found one of "
              + pattern.length());
    }
    try {
      return new BoundedRegex(Pattern.compile("(.*\\.)?(" + pattern + ")")).matches(site);
    } catch (PatternSyntaxException e) {
      throw new FormatException(
          FILE + ": expected a regular expression in " + key + ", found \"" + pattern + "\"", e);
    } catch (IllegalArgumentException e) {
      throw new FormatException(FILE + ": " + key + ": " + e.getMessage(), e);
    }
  }

  private static void refuseAllButLora(JsonObject config) throws FormatException {
    String type = config.string("peft_type", "LORA");
    if (!type.equals("LORA")) {
      throw new FormatException(
          FILE + ": expected peft_type LORA, found " + type + ", which is not supported");
    }
    for (String key : REFUSED) {
      Object value = config.get(key);
      boolean off =
          value == null
              || value.equals(false)
              || value.equals("none")
              || value instanceof List<?> list && list.isEmpty();
      if (!off) {
        throw new FormatException(
            FILE
                + ": expected LoRA or DoRA, found "
                + key
                + " = "
                + value
                + ", which is not supported; merge the adapter into its base with PEFT instead");
      }
    }
    if (config.get("init_lora_weights") instanceof String init && !PLAIN_INITS.contains(init)) {
      throw new FormatException(
          FILE
              + ": expected an initialisation that leaves the base as it is, found "
              + "init_lora_weights = "
              + init
              + "; convert the adapter with PEFT's path_initial_model_for_weight_conversion");
    }
  }

  /** The keys that every version of PEFT knows. */
  static JsonObject of(PeftFolder.Settings s) {
    boolean transposed = s.targets().sites().get(0).layout() == Layout.IN_OUT;
    return JsonObject.empty()
        .put("alpha_pattern", JsonObject.empty())
        .put("auto_mapping", null)
        .put(BASE, s.baseModel())
        .put("bias", "none")
        .put("fan_in_fan_out", transposed)
        .put("inference_mode", true)
        .put("init_lora_weights", true)
        .put("layers_pattern", null)
        .put("layers_to_transform", null)
        .put("lora_alpha", whole(s.alpha()))
        .put("lora_dropout", s.dropout())
        .put("modules_to_save", null)
        .put("peft_type", "LORA")
        .put("r", s.rank())
        .put("rank_pattern", JsonObject.empty())
        .put("revision", null)
        .put("target_modules", s.targets().names())
        .put("task_type", "CAUSAL_LM")
        .put("use_dora", s.dora())
        .put("use_rslora", s.rankStabilised());
  }

  /** The same for adapters of which some have another rank or alpha than {@code s} says. */
  static JsonObject of(PeftFolder.Settings s, Map<String, LowRankAdapter> adapters) {
    JsonObject ranks = JsonObject.empty();
    JsonObject alphas = JsonObject.empty();
    adapters.forEach(
        (site, adapter) -> {
          Lora lora = adapter.lora();
          if (lora.rank() != s.rank()) {
            ranks.put(site, lora.rank());
          }
          double alpha = lora.alpha(s.rankStabilised());
          if (alpha != s.alpha()) {
            alphas.put(site, whole(alpha));
          }
        });
    return of(s).put("rank_pattern", ranks).put("alpha_pattern", alphas);
  }

  /** What PEFT's own configuration says, without the keys that not every version knows. */
  static JsonObject known(JsonObject source, PeftFolder.Settings s) {
    JsonObject config = of(s);
    JsonObject known = JsonObject.empty();
    for (String key : config.keys()) {
      boolean ours = key.equals(BASE) || key.equals("fan_in_fan_out") || !source.has(key);
      known.put(key, ours ? config.get(key) : source.get(key));
    }
    return known.put("inference_mode", true);
  }

  /** 16 rather than 16.0: PEFT declares an integer. */
  static Number whole(double value) {
    return value == Math.rint(value) ? (Number) (long) value : (Number) value;
  }
}
