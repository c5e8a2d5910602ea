package org.mobilefinetuner.model;

import java.util.List;
import java.util.function.IntPredicate;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/** Reads which layers attend to a window of tokens only, from {@code layer_types}. */
final class SlidingLayers {
  private SlidingLayers() {}

  /**
   * @param otherwise the rule of the architecture where config.json has no {@code layer_types}
   */
  static boolean[] read(JsonObject config, int layers, IntPredicate otherwise)
      throws FormatException {
    boolean[] sliding = new boolean[layers];
    List<?> types = config.has("layer_types") ? config.list("layer_types") : null;
    if (types != null && types.size() != layers) {
      throw new FormatException(
          "config.json: expected " + layers + " layer_types, found " + types.size());
    }
    for (int i = 0; i < layers; i++) {
      sliding[i] = types == null ? otherwise.test(i) : isSliding(types.get(i));
    }
    return sliding;
  }

  private static boolean isSliding(Object type) throws FormatException {
    if (type instanceof String s) {
      switch (s) {
        case "sliding_attention" -> {
          return true;
        }
        case "full_attention" -> {
          return false;
        }
        default -> {}
      }
    }
    throw new FormatException(
        "config.json: expected layer_types of full_attention and sliding_attention, found " + type);
  }
}
