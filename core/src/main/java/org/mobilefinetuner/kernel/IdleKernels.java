package org.mobilefinetuner.kernel;

import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/** Kernels that do nothing, for the rehearsal of a step whose memory is to be known. */
public class IdleKernels implements Kernels {
  @Override
  public String name() {
    return "idle";
  }

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public void productNT(float alpha, Tensor a, Matrix b, float beta, Tensor c) {}

  @Override
  public void productNN(float alpha, Tensor a, Matrix b, float beta, Tensor c) {}

  @Override
  public int piece(int terms) {
    return 1;
  }

  @Override
  public void rowNT(Tensor x, Matrix b, Tensor y) {}

  @Override
  public void rowNN(Tensor x, Matrix b, Tensor y) {}

  @Override
  public void productTN(float alpha, Tensor a, Tensor b, float beta, Tensor c) {}

  @Override
  public void axpy(float alpha, Tensor x, float beta, Tensor y) {}

  @Override
  public void add(Tensor a, float scale, Tensor b, Tensor y) {}

  @Override
  public void addRow(Tensor row, Tensor y) {}

  @Override
  public void sumRows(Tensor x, float beta, Tensor sum) {}

  @Override
  public void divide(Tensor a, Tensor b, float beta, Tensor y) {}

  @Override
  public void scaleColumns(Tensor x, Tensor gain, float beta, Tensor y) {}

  @Override
  public void sumProducts(Tensor a, Tensor b, float beta, Tensor sum) {}

  @Override
  public void changedNorms(Tensor squares, Tensor b, Tensor change, Tensor norms) {}

  @Override
  public double squaredNorm(Tensor x) {
    return 0;
  }

  @Override
  public void gather(Matrix table, int[] ids, float scale, float beta, Tensor y) {}

  @Override
  public void scatterAdd(Tensor x, int[] ids, float scale, Tensor table) {}

  @Override
  public void layerNorm(
      Tensor x, Tensor gain, Tensor bias, float eps, Tensor y, Tensor mean, Tensor rstd) {}

  @Override
  public void layerNormBackward(
      Tensor dy, Tensor x, Tensor gain, Tensor mean, Tensor rstd, float beta, Tensor dx) {}

  @Override
  public void layerNormGainGradient(
      Tensor dy, Tensor x, Tensor mean, Tensor rstd, float beta, Tensor dgain) {}

  @Override
  public void rmsNorm(Tensor x, Tensor gain, float offset, float eps, Tensor y, Tensor rstd) {}

  @Override
  public void rmsNormBackward(
      Tensor dy, Tensor x, Tensor gain, float offset, Tensor rstd, float beta, Tensor dx) {}

  @Override
  public void rmsNormGainGradient(Tensor dy, Tensor x, Tensor rstd, float beta, Tensor dgain) {}

  @Override
  public void rotate(
      Tensor x, int[] positions, Tensor cos, Tensor sin, boolean back, float beta, Tensor y) {}

  @Override
  public void glu(Activation activation, Tensor gate, Tensor up, float beta, Tensor y) {}

  @Override
  public void gluBackward(
      Activation activation, Tensor dy, Tensor gate, Tensor up, float beta, Tensor dgate) {}

  @Override
  public void gelu(Tensor x, Tensor y) {}

  @Override
  public void geluBackward(Tensor dy, Tensor x, float beta, Tensor dx) {}

  @Override
  public void dropout(float rate, long key, long[] tokenKeys, Tensor x, float beta, Tensor y) {}

  @Override
  public void softmaxSums(Tensor logits, int column, int[] targets, SoftmaxSums sums) {}

  @Override
  public void softmaxGradient(
      Tensor logits, int column, int[] targets, float scale, SoftmaxSums sums) {}

  @Override
  public void attention(
      AttentionShape shape, int[] starts, Window q, Window k, Window v, Tensor y, Tensor lse) {}

  @Override
  public void attentionBackward(
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
      Window dv) {}

  @Override
  public void attentionOver(
      AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y) {}

  @Override
  public void adamW(AdamWStep step, Tensor p, Tensor g, Tensor m, Tensor v) {}
}
