package org.mobilefinetuner.autograd;

import org.mobilefinetuner.tensor.Tensor;

/** A trainable weight; identified by the object, not by its values. */
public final class Parameter implements Weight {
  private final String name;
  private final Tensor value;

  public Parameter(String name, Tensor value) {
    this.name = name;
    this.value = value;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Tensor value() {
    return value;
  }

  @Override
  public String toString() {
    return name + " " + value;
  }
}
