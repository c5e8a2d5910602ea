package org.mobilefinetuner.autograd;

import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/** A named value of the model. Only a {@link Parameter} can receive a gradient, by type. */
public sealed interface Weight permits Frozen, Parameter {
  /** The Hugging Face name. */
  String name();

  Matrix value();

  /** Its value to be read now and then, wherever it is. */
  default Matrix readable() {
    return value();
  }

  /** The value of a norm's gain or a bias, which are always held as tensors. */
  default Tensor vector() {
    if (value() instanceof Tensor tensor) {
      return tensor;
    }
    throw new IllegalStateException(name() + " is a stored matrix, a vector was expected");
  }

  default boolean trainable() {
    return this instanceof Parameter;
  }
}
