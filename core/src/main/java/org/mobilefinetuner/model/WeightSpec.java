package org.mobilefinetuner.model;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.ops.Layout;

/**
 * A weight that a model has.
 *
 * @param name the Hugging Face name, such as {@code transformer.h.0.attn.c_attn.weight}
 * @param shape its dimensions
 * @param layout how a projection's weight lies, or null for all that is no projection
 * @param mean the value around which it is initialised
 * @param deviation the standard deviation of its initialisation
 */
public record WeightSpec(
    String name, int[] shape, @Nullable Layout layout, float mean, float deviation) {

  /** A projection's weight; {@code in} and {@code out} in the order of the layout. */
  public static WeightSpec projection(
      String name, int in, int out, Layout layout, float deviation) {
    int[] shape = layout == Layout.OUT_IN ? new int[] {out, in} : new int[] {in, out};
    return new WeightSpec(name, shape, layout, 0, deviation);
  }

  public static WeightSpec table(String name, int rows, int cols, float deviation) {
    return new WeightSpec(name, new int[] {rows, cols}, null, 0, deviation);
  }

  public static WeightSpec vector(String name, int size, float value) {
    return new WeightSpec(name, new int[] {size}, null, value, 0);
  }

  /** Whether it has a row for each token or position, and may be used by several segments. */
  public boolean isTable() {
    return layout == null && shape.length == 2;
  }

  /** The site of a projection's weight: its name without {@code .weight}. */
  public String site() {
    return name.substring(0, name.length() - ".weight".length());
  }

  public int in() {
    return layout == Layout.IN_OUT ? shape[0] : shape[1];
  }

  public int out() {
    return layout == Layout.IN_OUT ? shape[1] : shape[0];
  }

  public int size() {
    return org.mobilefinetuner.tensor.Tensor.size(shape);
  }
}
