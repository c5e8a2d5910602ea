package org.mobilefinetuner.kernel;

import org.mobilefinetuner.tensor.Tensor;

/**
 * The kernels with exponentials, by {@link Math#exp}, which is an instruction sequence of the
 * virtual machine, where the specification asks {@link StrictMath} for the same bits on every
 * machine.
 */
final class Activations {
  private static final double GELU_A = 0.7978845608f; // √(2/π)
  private static final double GELU_B = 0.044715f;

  private Activations() {}

  static void glu(Activation activation, Tensor gate, Tensor up, float beta, Tensor y) {
    for (int i = 0; i < y.size(); i++) {
      double a = value(activation, gate.data()[gate.offset() + i]);
      put(beta, y, i, (float) (a * up.data()[up.offset() + i]));
    }
  }

  static void gluBackward(
      Activation activation, Tensor dy, Tensor gate, Tensor up, float beta, Tensor dgate) {
    for (int i = 0; i < dgate.size(); i++) {
      double slope = slope(activation, gate.data()[gate.offset() + i]);
      double by = (double) dy.data()[dy.offset() + i] * up.data()[up.offset() + i];
      put(beta, dgate, i, (float) (slope * by));
    }
  }

  static void gelu(Tensor x, Tensor y) {
    for (int i = 0; i < x.size(); i++) {
      put(0, y, i, (float) value(Activation.GELU_TANH, x.data()[x.offset() + i]));
    }
  }

  static void geluBackward(Tensor dy, Tensor x, float beta, Tensor dx) {
    for (int i = 0; i < x.size(); i++) {
      double slope = slope(Activation.GELU_TANH, x.data()[x.offset() + i]);
      put(beta, dx, i, (float) (dy.data()[dy.offset() + i] * slope));
    }
  }

  private static double value(Activation activation, double v) {
    return switch (activation) {
      case SILU -> v / (1 + Math.exp(-v));
      case GELU_TANH -> v * gate(v);
    };
  }

  private static double slope(Activation activation, double v) {
    return switch (activation) {
      case SILU -> {
        double s = 1 / (1 + Math.exp(-v));
        yield s * (1 + v * (1 - s));
      }
      case GELU_TANH -> {
        double s = gate(v);
        yield s + 2 * v * s * (1 - s) * GELU_A * (1 + 3 * GELU_B * v * v);
      }
    };
  }

  /** (1 + tanh u)/2 = 1/(1 + exp(-2u)), where u = √(2/π)·(v + 0.044715·v³). */
  private static double gate(double v) {
    return 1 / (1 + Math.exp(-2 * GELU_A * (v + GELU_B * v * v * v)));
  }

  /** As {@link Kernels#softmaxSums}, for one row. */
  static void softmaxSums(float[] z, int at, int n, int target, int row, SoftmaxSums sums) {
    for (int start = 0; start < n; start += sums.piece()) {
      int end = Math.min(n, start + sums.piece());
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = start; i < end; i++) {
        largest = Math.max(largest, z[at + i]);
      }
      float max = sums.raise(row, largest);
      double sum = 0;
      for (int i = start; i < end; i++) {
        sum += z[at + i] == Float.NEGATIVE_INFINITY ? 0 : Math.exp(z[at + i] - max);
      }
      sums.add(row, sum);
    }
    if (target >= 0 && target < n) {
      sums.choose(row, z[at + target]);
    }
  }

  /** As {@link Kernels#softmaxGradient}, for one row. */
  static void softmaxGradient(
      float[] z, int at, int n, int target, float scale, int row, SoftmaxSums sums) {
    double share = scale / sums.sum(row);
    float max = sums.max(row);
    for (int i = 0; i < n; i++) {
      z[at + i] = (float) (share * Math.exp(z[at + i] - max));
    }
    if (target >= 0 && target < n) {
      z[at + target] -= scale;
    }
  }

  private static void put(float beta, Tensor y, int i, float value) {
    int at = y.offset() + i;
    y.data()[at] = beta == 0 ? value : y.data()[at] + value;
  }
}
