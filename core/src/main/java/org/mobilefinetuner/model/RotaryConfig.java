package org.mobilefinetuner.model;

import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.ops.RotaryAngles;

/**
 * Reads the rotary embedding of a config.json: {@code rope_parameters} of transformers 5, or {@code
 * rope_theta} and {@code rope_scaling} of transformers 4.
 *
 * <p>The scalings {@code linear} (Chen et al., arXiv 2306.15595) and {@code llama3} are computed as
 * transformers does; others are refused.
 */
final class RotaryConfig {
  private RotaryConfig() {}

  /**
   * @param width h, the width of a head
   * @param theta {@code rope_theta} when config.json does not say
   */
  static RotaryAngles read(JsonObject config, int width, double theta) throws FormatException {
    if (config.has("rope_parameters")) {
      return angles(config.object("rope_parameters"), width, theta);
    }
    JsonObject scaling =
        config.has("rope_scaling") ? config.object("rope_scaling") : JsonObject.empty();
    return angles(scaling, width, config.number("rope_theta", theta));
  }

  /** The angles of {@code parameters}, the object that names type, theta and factors. */
  static RotaryAngles angles(JsonObject parameters, int width, double theta)
      throws FormatException {
    double base = parameters.number("rope_theta", theta);
    if (!(base > 1 && base < Double.POSITIVE_INFINITY)) {
      throw new FormatException("config.json: expected rope_theta above 1, found " + base);
    }
    if (parameters.number("partial_rotary_factor", 1) != 1) {
      throw new FormatException(
          "config.json: expected partial_rotary_factor 1, found "
              + parameters.get("partial_rotary_factor")
              + ", which is not supported");
    }
    float[] frequencies = RotaryAngles.frequencies(width, base);
    String type = parameters.string("rope_type", parameters.string("type", "default"));
    switch (type) {
      case "default", "" -> {}
      case "linear" -> {
        float factor = factor(parameters, "factor");
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] /= factor;
        }
      }
      case "llama3" -> llama3(frequencies, parameters);
      default ->
          throw new FormatException(
              "config.json: expected rope_type default, linear or llama3, found \""
                  + type
                  + "\", which is not supported");
    }
    return new RotaryAngles(frequencies);
  }

  /** Slow turns are stretched by the factor, fast ones stay, those between are interpolated. */
  private static void llama3(float[] frequencies, JsonObject parameters) throws FormatException {
    float factor = factor(parameters, "factor");
    float low = factor(parameters, "low_freq_factor");
    float high = factor(parameters, "high_freq_factor");
    int trained = parameters.integer("original_max_position_embeddings");
    if (!(high > low) || trained < 1) {
      throw new FormatException(
          "config.json: expected high_freq_factor above low_freq_factor and"
              + " original_max_position_embeddings of at least 1, found "
              + parameters);
    }
    for (int i = 0; i < frequencies.length; i++) {
      float wave = (float) (2 * Math.PI) / frequencies[i];
      if (wave > trained / low) {
        frequencies[i] /= factor;
      } else if (wave >= trained / high) {
        float smooth = (trained / wave - low) / (high - low);
        frequencies[i] = (1 - smooth) * (frequencies[i] / factor) + smooth * frequencies[i];
      }
    }
  }

  private static float factor(JsonObject parameters, String key) throws FormatException {
    float value = (float) parameters.number(key);
    if (!(value > 0 && value < Float.POSITIVE_INFINITY)) {
      throw new FormatException("config.json: expected " + key + " above 0, found " + value);
    }
    return value;
  }
}
