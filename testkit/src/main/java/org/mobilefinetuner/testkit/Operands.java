package org.mobilefinetuner.testkit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/** The inputs and weights of one run of an operation under {@link GradCheck}, by name. */
public final class Operands {
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  Operands() {}

  void put(String name, Tensor input) {
    inputs.put(name, input);
  }

  void put(Weight weight) {
    weights.put(weight.name(), weight);
  }

  public Tensor input(String name) {
    return find(inputs, name);
  }

  /** A {@code Frozen} or a {@code Parameter}: the check tries both. */
  public Weight weight(String name) {
    return find(weights, name);
  }

  public Parameter parameter(String name) {
    return (Parameter) weight(name);
  }

  private static <T> T find(Map<String, T> operands, String name) {
    T operand = operands.get(name);
    if (operand == null) {
      throw new IllegalArgumentException(
          "expected an operand among " + operands.keySet() + ", found " + name);
    }
    return operand;
  }
}
