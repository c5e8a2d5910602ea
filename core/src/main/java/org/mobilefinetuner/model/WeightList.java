package org.mobilefinetuner.model;

import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.ops.Layout;

/** Collects the weights of a model, with a prefix for those of a block. */
final class WeightList {
  private final float deviation;
  private final List<WeightSpec> specs = new ArrayList<>();
  private String prefix = "";

  /**
   * @param deviation the standard deviation with which matrices are initialised
   */
  WeightList(float deviation) {
    this.deviation = deviation;
  }

  /** Puts {@code prefix} in front of the names that follow. */
  WeightList in(String prefix) {
    this.prefix = prefix;
    return this;
  }

  WeightList table(String name, int rows, int cols) {
    specs.add(WeightSpec.table(prefix + name + ".weight", rows, cols, deviation));
    return this;
  }

  /** A norm's gain, initialised to {@code value}. */
  WeightList gain(String name, int size, float value) {
    specs.add(WeightSpec.vector(prefix + name + ".weight", size, value));
    return this;
  }

  /** A projection [out, in], with a bias if {@code biased}. */
  WeightList linear(String name, int in, int out, boolean biased) {
    String full = prefix + name;
    specs.add(WeightSpec.projection(full + ".weight", in, out, Layout.OUT_IN, deviation));
    if (biased) {
      specs.add(WeightSpec.vector(full + ".bias", out, 0));
    }
    return this;
  }

  List<WeightSpec> all() {
    return List.copyOf(specs);
  }
}
