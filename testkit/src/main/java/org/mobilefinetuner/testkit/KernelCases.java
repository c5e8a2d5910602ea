package org.mobilefinetuner.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mobilefinetuner.kernel.Activation;
import org.mobilefinetuner.kernel.AdamWStep;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/** Calls of every kernel of {@link Kernels}: shapes with and without tails, beta 0 and 1. */
final class KernelCases {
  private static final float[] BETAS = {0, 1};

  /** m, n, k: single values, less and more than a tile or vector, several chunks of k. */
  private static final int[][] PRODUCTS = {
    {1, 1, 1},
    {1, 33, 40},
    {3, 8, 100},
    {4, 16, 16},
    {13, 31, 17},
    {9, 70, 785},
    {100, 65, 33},
    {33, 130, 1600},
    {200, 5, 64},
    {300, 8, 900},
    {64, 200, 8}
  };

  private static final int[][] ROWS = {{1, 1}, {2, 7}, {9, 16}, {33, 100}, {70, 129}, {3, 2311}};

  private final List<KernelCase> cases = new ArrayList<>();

  private KernelCases() {}

  static List<KernelCase> all() {
    KernelCases kernels = new KernelCases();
    kernels.products();
    for (int[] shape : ROWS) {
      kernels.elements(shape[0], shape[1]);
      kernels.rows(shape[0], shape[1]);
      kernels.norms(shape[0], shape[1]);
    }
    kernels.losses();
    kernels.attentions();
    return kernels.cases;
  }

  private void add(String name, double tolerance, KernelCase.Call call) {
    cases.add(new KernelCase(name, tolerance, call));
  }

  private void products() {
    for (int[] s : PRODUCTS) {
      int m = s[0];
      int n = s[1];
      int k = s[2];
      add(
          "rowNT " + n + "x" + k,
          1e-5,
          (kernels, memory) ->
              kernels.rowNT(memory.input(1, k), memory.input(n, k), memory.output(1, n)));
      add(
          "rowNN " + n + "x" + k,
          1e-5,
          (kernels, memory) ->
              kernels.rowNN(memory.input(1, k), memory.input(k, n), memory.output(1, n)));
      for (float beta : BETAS) {
        String shape = " " + m + "x" + n + "x" + k + " beta " + (int) beta;
        add(
            "productNT" + shape,
            1e-5,
            (kernels, memory) ->
                kernels.productNT(
                    0.7f, memory.input(m, k), memory.input(n, k), beta, memory.result(beta, m, n)));
        add(
            "productNN" + shape,
            1e-5,
            (kernels, memory) ->
                kernels.productNN(
                    0.7f, memory.input(m, k), memory.input(k, n), beta, memory.result(beta, m, n)));
        add(
            "productTN" + shape,
            1e-5,
            (kernels, memory) ->
                kernels.productTN(
                    0.7f, memory.input(k, m), memory.input(k, n), beta, memory.result(beta, m, n)));
      }
    }
  }

  private void elements(int t, int d) {
    String shape = " " + t + "x" + d;
    add(
        "add" + shape,
        1e-6,
        (k, memory) -> k.add(memory.input(t, d), 0.3f, memory.input(t, d), memory.output(t, d)));
    add("gelu" + shape, 2e-6, (k, memory) -> k.gelu(wide(memory, t, d), memory.output(t, d)));
    add(
        "biasGelu" + shape,
        2e-6,
        (k, memory) -> {
          Tensor x = memory.changed(t, d);
          k.biasGelu(memory.input(d), x, memory.output(t, d));
        });
    add(
        "squaredNorm" + shape,
        1e-12,
        (k, memory) -> {
          double sum = k.squaredNorm(memory.input(t, d));
          Tensor digits = memory.output(2); // a float64 as two float32
          digits.data()[digits.offset()] = (float) sum;
          digits.data()[digits.offset() + 1] = (float) (sum - (float) sum);
        });
    add(
        "adamW" + shape,
        1e-6,
        (k, memory) -> {
          Tensor v = memory.changed(t, d);
          for (int i = 0; i < v.size(); i++) {
            v.data()[v.offset() + i] *= v.data()[v.offset() + i];
          }
          AdamWStep step = new AdamWStep(0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, 0.7f, 0.19f, 0.002f);
          k.adamW(step, memory.changed(t, d), memory.input(t, d), memory.changed(t, d), v);
        });
    for (float beta : BETAS) {
      String name = shape + " beta " + (int) beta;
      add(
          "axpy" + name,
          1e-6,
          (k, memory) -> k.axpy(0.3f, memory.input(t, d), beta, memory.result(beta, t, d)));
      add(
          "geluBackward" + name,
          2e-6,
          (k, memory) ->
              k.geluBackward(
                  memory.input(t, d), wide(memory, t, d), beta, memory.result(beta, t, d)));
      for (Activation activation : Activation.values()) {
        add(
            "glu " + activation + name,
            2e-6,
            (k, memory) ->
                k.glu(
                    activation,
                    wide(memory, t, d),
                    memory.input(t, d),
                    beta,
                    memory.result(beta, t, d)));
        add(
            "gluBackward " + activation + name,
            2e-6,
            (k, memory) ->
                k.gluBackward(
                    activation,
                    memory.input(t, d),
                    wide(memory, t, d),
                    memory.input(t, d),
                    beta,
                    memory.result(beta, t, d)));
      }
      add(
          "dropout" + name,
          1e-6,
          (k, memory) ->
              k.dropout(
                  0.3f, 99, memory.keys(t), memory.input(t, d), beta, memory.result(beta, t, d)));
    }
  }

  /** Values far enough from 0 for both ends of the function. */
  private static Tensor wide(GuardedMemory memory, int t, int d) {
    Tensor x = memory.changed(t, d);
    for (int i = 0; i < x.size(); i++) {
      x.data()[x.offset() + i] *= 1 + i % 23;
    }
    return x;
  }

  /** Values far from 0. */
  private static Tensor large(GuardedMemory memory, int... shape) {
    Tensor x = memory.changed(shape);
    for (int i = 0; i < x.size(); i++) {
      x.data()[x.offset() + i] += 50;
    }
    return x;
  }

  private void rows(int t, int d) {
    String shape = " " + t + "x" + d;
    add("addRow" + shape, 1e-6, (k, memory) -> k.addRow(memory.input(d), memory.changed(t, d)));
    add(
        "scatterAdd" + shape,
        1e-6,
        (k, memory) ->
            k.scatterAdd(memory.input(t, d), memory.ids(t, 5), 0.3f, memory.changed(5, d)));
    add(
        "changedNorms" + shape,
        1e-6,
        (k, memory) ->
            k.changedNorms(
                large(memory, t), memory.input(t, 3), memory.input(3, t), memory.output(t)));
    for (float beta : BETAS) {
      String name = shape + " beta " + (int) beta;
      add(
          "divide" + name,
          1e-6,
          (k, memory) ->
              k.divide(memory.input(t, d), large(memory, t, d), beta, memory.result(beta, t, d)));
      add(
          "scaleColumns" + name,
          1e-6,
          (k, memory) ->
              k.scaleColumns(memory.input(t, d), memory.input(d), beta, memory.result(beta, t, d)));
      add(
          "sumProducts" + name,
          1e-6,
          (k, memory) ->
              k.sumProducts(memory.input(t, d), memory.input(t, d), beta, memory.result(beta, d)));
      add(
          "sumRows" + name,
          1e-6,
          (k, memory) -> k.sumRows(memory.input(t, d), beta, memory.result(beta, d)));
      for (boolean back : new boolean[] {false, true}) {
        add(
            "rotate" + (back ? " back" : "") + name,
            1e-6,
            (k, memory) ->
                k.rotate(
                    memory.input(t, 3 * 2 * d),
                    memory.ids(t, 5),
                    memory.input(5, d),
                    memory.input(5, d),
                    back,
                    beta,
                    memory.result(beta, t, 3 * 2 * d)));
      }
      add(
          "gather" + name,
          1e-6,
          (k, memory) ->
              k.gather(
                  memory.input(5, d), memory.ids(t, 5), 0.3f, beta, memory.result(beta, t, d)));
    }
  }

  private void norms(int t, int d) {
    String shape = " " + t + "x" + d;
    add(
        "layerNorm" + shape,
        2e-6,
        (k, memory) ->
            k.layerNorm(
                memory.input(t, d),
                memory.input(d),
                memory.input(d),
                1e-5f,
                memory.output(t, d),
                memory.output(t),
                memory.output(t)));
    add(
        "rmsNorm" + shape,
        2e-6,
        (k, memory) ->
            k.rmsNorm(
                memory.input(t, 3 * d),
                memory.input(d),
                1,
                1e-5f,
                memory.output(t, 3 * d),
                memory.output(3 * t)));
    for (float beta : BETAS) {
      String name = shape + " beta " + (int) beta;
      add(
          "rmsNormBackward" + name,
          4e-6,
          (k, memory) ->
              k.rmsNormBackward(
                  memory.input(t, 3 * d),
                  memory.input(t, 3 * d),
                  memory.input(d),
                  1,
                  memory.input(3 * t),
                  beta,
                  memory.result(beta, t, 3 * d)));
      add(
          "rmsNormGainGradient" + name,
          2e-6,
          (k, memory) ->
              k.rmsNormGainGradient(
                  memory.input(t, 3 * d),
                  memory.input(t, 3 * d),
                  memory.input(3 * t),
                  beta,
                  memory.result(beta, d)));
      add(
          "layerNormBackward" + name,
          4e-6,
          (k, memory) ->
              k.layerNormBackward(
                  memory.input(t, d),
                  memory.input(t, d),
                  memory.input(d),
                  memory.input(t),
                  memory.input(t),
                  beta,
                  memory.result(beta, t, d)));
      add(
          "layerNormGainGradient" + name,
          2e-6,
          (k, memory) ->
              k.layerNormGainGradient(
                  memory.input(t, d),
                  memory.input(t, d),
                  memory.input(t),
                  memory.input(t),
                  beta,
                  memory.result(beta, d)));
    }
  }

  private void losses() {
    for (int[] shape : new int[][] {{1, 1}, {5, 33}, {40, 1000}, {3, 50257}}) {
      for (float spread : new float[] {1, 30}) {
        int rows = shape[0];
        int n = shape[1];
        add(
            "softmax " + rows + "x" + n + " spread " + (int) spread,
            4e-6,
            (k, memory) -> {
              Tensor logits = memory.changed(rows, n);
              for (int i = 0; i < logits.size(); i++) {
                logits.data()[logits.offset() + i] *= spread;
              }
              int[] targets = memory.ids(rows, n);
              SoftmaxSums sums = new SoftmaxSums(rows, k.piece(n));
              k.softmaxSums(logits, 0, targets, sums);
              Tensor nll = memory.output(rows);
              for (int r = 0; r < rows; r++) {
                nll.data()[nll.offset() + r] = sums.loss(r);
              }
              k.softmaxGradient(logits, 0, targets, 0.1f, sums);
            });
      }
    }
  }

  private void attentions() {
    AttentionShape[] shapes = {
      AttentionShape.causal(2, 64),
      AttentionShape.causal(3, 5),
      new AttentionShape(6, 2, 16, 0.3f, AttentionShape.UNLIMITED),
      new AttentionShape(4, 1, 80, 0.1f, 17),
      new AttentionShape(2, 2, 33, 0.2f, 1),
      new AttentionShape(4, 4, 16, 0.2f, 40)
    };
    int[][] batches = {{0, 1}, {0, 5, 6, 40, 170}, {0, 130}};
    for (AttentionShape shape : shapes) {
      for (int[] starts : batches) {
        String name = " " + shape + " " + Arrays.toString(starts);
        add("attention" + name, 1e-5, (k, memory) -> attention(k, memory, shape, starts));
        for (float beta : BETAS) {
          add(
              "attentionBackward beta " + (int) beta + name,
              2e-5,
              (k, memory) -> attentionBackward(k, memory, shape, starts, beta));
        }
      }
      for (int[] part : new int[][] {{0, 1}, {0, 70}, {7, 1}, {90, 3}, {150, 1}}) {
        add(
            "attentionOver " + shape + " " + Arrays.toString(part),
            1e-5,
            (k, memory) -> attentionOver(k, memory, shape, part[0], part[1]));
      }
    }
  }

  /** q, k and v are columns of one tensor, with a column between and one behind. */
  private static void attention(
      Kernels kernels, GuardedMemory memory, AttentionShape shape, int[] starts) {
    int tokens = starts[starts.length - 1];
    Tensor qkv = memory.input(tokens, fused(shape));
    kernels.attention(
        shape,
        starts,
        q(qkv),
        k(shape, qkv),
        v(shape, qkv),
        memory.output(tokens, shape.heads() * shape.width()),
        memory.output(tokens, shape.heads()));
  }

  private static void attentionBackward(
      Kernels kernels, GuardedMemory memory, AttentionShape shape, int[] starts, float beta) {
    int tokens = starts[starts.length - 1];
    int d = shape.heads() * shape.width();
    Tensor qkv = memory.input(tokens, fused(shape));
    Tensor y = memory.output(tokens, d);
    Tensor lse = memory.output(tokens, shape.heads());
    kernels.attention(shape, starts, q(qkv), k(shape, qkv), v(shape, qkv), y, lse);
    Tensor dy = memory.input(tokens, d);
    Tensor grad = memory.result(beta, tokens, fused(shape));
    kernels.attentionBackward(
        shape,
        starts,
        q(qkv),
        k(shape, qkv),
        v(shape, qkv),
        y,
        lse,
        dy,
        beta,
        q(grad),
        k(shape, grad),
        v(shape, grad));
  }

  private static void attentionOver(
      Kernels kernels, GuardedMemory memory, AttentionShape shape, int past, int tokens) {
    int d = shape.heads() * shape.width();
    Tensor qkv = memory.input(tokens, fused(shape));
    Tensor keys = memory.input(past + tokens + 3, shape.kvHeads() * shape.width());
    Tensor values = memory.input(past + tokens + 3, shape.kvHeads() * shape.width());
    kernels.attentionOver(shape, past, q(qkv), keys, values, memory.output(tokens, d));
  }

  private static int fused(AttentionShape shape) {
    return (shape.heads() + 2 * shape.kvHeads()) * shape.width() + 2;
  }

  private static Window q(Tensor qkv) {
    return new Window(qkv, 0);
  }

  private static Window k(AttentionShape shape, Tensor qkv) {
    return new Window(qkv, shape.heads() * shape.width() + 1);
  }

  private static Window v(AttentionShape shape, Tensor qkv) {
    return new Window(qkv, (shape.heads() + shape.kvHeads()) * shape.width() + 1);
  }
}
