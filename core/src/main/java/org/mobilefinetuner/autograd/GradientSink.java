package org.mobilefinetuner.autograd;

/** Where the gradients of parameters go: summed for an optimizer, applied at once, or sent away. */
public interface GradientSink {
  /** Lets {@code writer} add to the gradient of {@code parameter}. */
  void add(Parameter parameter, GradientWriter writer);
}
