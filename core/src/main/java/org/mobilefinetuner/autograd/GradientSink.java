package org.mobilefinetuner.autograd;

/** Where the gradients of parameters go: summed for an optimizer, applied at once, or sent away. */
@FunctionalInterface
public interface GradientSink {
  /** Lets {@code writer} add to the gradient of {@code parameter}. */
  void add(Parameter parameter, GradientWriter writer);

  /**
   * Whether a gradient can be added some rows at a time, by {@link #addRows}, so that all of it is
   * never in memory.
   */
  default boolean byRows() {
    return false;
  }

  /**
   * Lets {@code writer} add to rows of the gradient of a matrix; it is given those rows alone, one
   * below the other. To rows that nothing is ever added to belongs a gradient of 0.
   *
   * @param rows their numbers, which ascend
   * @throws UnsupportedOperationException if it is not {@link #byRows}
   */
  default void addRows(Parameter parameter, int[] rows, GradientWriter writer) {
    throw new UnsupportedOperationException("gradients are added as a whole here");
  }

  /**
   * Called when the backward pass has left a segment: nothing is added to its gradients for now.
   */
  default void rest() {}
}
