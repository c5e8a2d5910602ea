package org.mobilefinetuner.autograd;

/** Where the gradients of parameters go: summed for an optimizer, applied at once, or sent away. */
@FunctionalInterface
public interface GradientSink {
  /** Lets {@code writer} add to the gradient of {@code parameter}. */
  void add(Parameter parameter, GradientWriter writer);

  /**
   * Called when the backward pass has left a segment: nothing is added to its gradients for now.
   */
  default void rest() {}
}
