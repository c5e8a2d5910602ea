package org.mobilefinetuner.kernel;

import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * Everything that a backend can do: all loops over elements are behind this interface.
 *
 * <p>Outputs are never allocated here. Where there is a {@code beta}, it is 0 to overwrite the
 * output, whatever it holds, and 1 to add to it. Shapes are of the caller's making and not checked
 * again. T is the number of tokens; {@code starts} gives the first token of each sequence and ends
 * with T.
 *
 * <p>A backend computes the same bits for any number of threads, and for a row of a product the
 * same bits whatever rows surround it. {@link ScalarKernels} is the specification.
 */
public interface Kernels extends AutoCloseable {
  /** What {@link #piece} is at most. */
  int LONGEST_PIECE = 768;

  /** The backend's name, such as {@code scalar} or {@code vector-512}. */
  String name();

  int threads();

  /** C = beta·C + alpha·A·Bᵀ. A: [m, k], B: [n, k], C: [m, n]. */
  void productNT(float alpha, Tensor a, Matrix b, float beta, Tensor c);

  /** C = beta·C + alpha·A·B. A: [m, k], B: [k, n], C: [m, n]. */
  void productNN(float alpha, Tensor a, Matrix b, float beta, Tensor c);

  /**
   * The length, of {@value #LONGEST_PIECE} at most, of the pieces in which {@link #productNN} and
   * the softmax add up {@code terms} terms. Parts that are whole pieces, and a last one that is
   * less than a piece, give the bits of the whole if each is added to those before.
   */
  int piece(int terms);

  /**
   * y = x·Bᵀ for a single row, without the cost of packing B; other bits than {@link #productNT}.
   * x: [1, k], B: [n, k], y: [1, n].
   */
  void rowNT(Tensor x, Matrix b, Tensor y);

  /**
   * y = x·B for a single row, without the cost of packing B; other bits than {@link #productNN}. x:
   * [1, k], B: [k, n], y: [1, n].
   */
  void rowNN(Tensor x, Matrix b, Tensor y);

  /** C = beta·C + alpha·Aᵀ·B. A: [m, n], B: [m, k], C: [n, k]. */
  void productTN(float alpha, Tensor a, Tensor b, float beta, Tensor c);

  /** y = beta·y + alpha·x. */
  void axpy(float alpha, Tensor x, float beta, Tensor y);

  /** y = a + scale·b. */
  void add(Tensor a, float scale, Tensor b, Tensor y);

  /** Adds {@code row}, [n], to each row of y, [T, n]. */
  void addRow(Tensor row, Tensor y);

  /** sum = beta·sum + Σ of the rows of x. x: [T, n], sum: [n]. */
  void sumRows(Tensor x, float beta, Tensor sum);

  /** y = beta·y + a/b, element by element. All of one size. */
  void divide(Tensor a, Tensor b, float beta, Tensor y);

  /** y = beta·y + x·gain, column by column. x, y: [T, n]; gain: [n]. */
  void scaleColumns(Tensor x, Tensor gain, float beta, Tensor y);

  /** sum = beta·sum + Σ of the rows of a·b, element by element. a, b: [T, n]; sum: [n]. */
  void sumProducts(Tensor a, Tensor b, float beta, Tensor sum);

  /**
   * norms[i] = √(squares[i] + Σ_r b[i, r]·change[r, i]), which is never less than what rounding
   * leaves of squares[i], nor 0. squares, norms: [n]; b: [n, r]; change: [r, n].
   */
  void changedNorms(Tensor squares, Tensor b, Tensor change, Tensor norms);

  /** Σ x², in float64. */
  double squaredNorm(Tensor x);

  /** y[t] = beta·y[t] + scale · table[ids[t]]. y: [T, d]. */
  void gather(Matrix table, int[] ids, float scale, float beta, Tensor y);

  /** table[ids[t]] += scale · x[t], in the order of t. x: [T, d]. */
  void scatterAdd(Tensor x, int[] ids, float scale, Tensor table);

  /**
   * y = (x - mean)·rstd·gain + bias, row by row. x, y: [T, d]; gain, bias: [d]; mean, rstd: [T].
   */
  void layerNorm(Tensor x, Tensor gain, Tensor bias, float eps, Tensor y, Tensor mean, Tensor rstd);

  /** The gradient of {@link #layerNorm} by x, for the gradient {@code dy} by y. */
  void layerNormBackward(
      Tensor dy, Tensor x, Tensor gain, Tensor mean, Tensor rstd, float beta, Tensor dx);

  /** The gradient of {@link #layerNorm} by its gain. dgain: [d]. */
  void layerNormGainGradient(
      Tensor dy, Tensor x, Tensor mean, Tensor rstd, float beta, Tensor dgain);

  /**
   * y = x·rstd·(offset + gain) for each group of d neighbours, where rstd = 1/√(mean of x² + eps).
   * x, y: one shape, of R·d values; gain: [d]; rstd: [R].
   */
  void rmsNorm(Tensor x, Tensor gain, float offset, float eps, Tensor y, Tensor rstd);

  /** The gradient of {@link #rmsNorm} by x, for the gradient {@code dy} by y. */
  void rmsNormBackward(
      Tensor dy, Tensor x, Tensor gain, float offset, Tensor rstd, float beta, Tensor dx);

  /** The gradient of {@link #rmsNorm} by its gain. dgain: [d]. */
  void rmsNormGainGradient(Tensor dy, Tensor x, Tensor rstd, float beta, Tensor dgain);

  /**
   * Turns pairs: y = beta·y + x, with the pair (i, i + h/2) of each head of row t turned by the
   * angle whose cosine and sine are in row {@code positions[t]}; by the negative angle if {@code
   * back}. x, y: [T, heads·h]; cos, sin: [positions, h/2].
   */
  void rotate(
      Tensor x, int[] positions, Tensor cos, Tensor sin, boolean back, float beta, Tensor y);

  /** y = beta·y + activation(gate)·up. All of one shape. */
  void glu(Activation activation, Tensor gate, Tensor up, float beta, Tensor y);

  /** dgate = beta·dgate + dy·up·activation'(gate). All of one shape. */
  void gluBackward(
      Activation activation, Tensor dy, Tensor gate, Tensor up, float beta, Tensor dgate);

  /** y = gelu(x), the tanh form: x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2. */
  void gelu(Tensor x, Tensor y);

  /** x = x + bias, row by row, and y = gelu(x). x, y: [T, n]; bias: [n]. */
  default void biasGelu(Tensor bias, Tensor x, Tensor y) {
    addRow(bias, x);
    gelu(x, y);
  }

  /** dx = beta·dx + dy·gelu'(x). */
  void geluBackward(Tensor dy, Tensor x, float beta, Tensor dx);

  /**
   * y = beta·y + x·mask/(1 - rate), where element (t, i) is kept if {@link Draws#keeps}({@code
   * key}, {@code tokenKeys[t]}, i, rate).
   */
  void dropout(float rate, long key, long[] tokenKeys, Tensor x, float beta, Tensor y);

  /**
   * Adds columns of logits, from column {@code column} of the vocabulary on, to what is known of
   * the softmax of each row; {@code targets} is the column that each row should predict. logits:
   * [R, n].
   */
  void softmaxSums(Tensor logits, int column, int[] targets, SoftmaxSums sums);

  /**
   * Turns columns of logits into their gradients when all columns are in {@code sums}: row r
   * becomes scale·(softmax - one-hot). logits: [R, n], from column {@code column} on.
   */
  void softmaxGradient(Tensor logits, int column, int[] targets, float scale, SoftmaxSums sums);

  /**
   * Causal attention within each sequence: y = softmax(scale·q·kᵀ)·v, and the logarithm of each
   * softmax's denominator. q, y: [T, heads·h]; k, v: [T, kvHeads·h]; lse: [T, heads].
   */
  void attention(
      AttentionShape shape, int[] starts, Window q, Window k, Window v, Tensor y, Tensor lse);

  /**
   * The gradients of {@link #attention}: dq, dk and dv are windows of the same shapes as q, k, v.
   */
  void attentionBackward(
      AttentionShape shape,
      int[] starts,
      Window q,
      Window k,
      Window v,
      Tensor y,
      Tensor lse,
      Tensor dy,
      float beta,
      Window dq,
      Window dk,
      Window dv);

  /**
   * Attention of new tokens over themselves and all before them: row i of q is token {@code past +
   * i}, keys and values hold tokens 0 to past + T. q, y: [T, heads·h]; keys, values: [≥ past + T,
   * kvHeads·h].
   */
  void attentionOver(
      AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y);

  /**
   * One AdamW update, all [n]: g' = scale·g; p -= rate·decay·p; m and v become the running means of
   * g' and g'²; p -= rate·(m/correction1)/(√(v/correction2) + eps).
   */
  void adamW(AdamWStep step, Tensor p, Tensor g, Tensor m, Tensor v);

  /** Ends the backend's threads. */
  @Override
  default void close() {}
}
