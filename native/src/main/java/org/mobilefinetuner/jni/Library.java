package org.mobilefinetuner.jni;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The native functions, see {@code src/main/c/jni.c} and {@code mft.h}. {@link LibraryLoader} loads
 * them.
 *
 * <p>An array is followed by the position of its first value, a window by the floats from one row
 * to the next. {@code scratch}, {@code packed}, {@code to} and {@code matrix} are addresses: of
 * {@link Scratch} and of a {@link Weights} description. Nothing is checked here.
 */
final class Library {
  private Library() {}

  /** The address of a direct buffer's first byte, or 0 if it is not direct. */
  static native long address(ByteBuffer buffer);

  /** Rows of a tile of C. */
  static native int tileRows();

  /** Columns of a tile of C: the width of a panel of B. */
  static native int tileColumns();

  /** Floats of a vector. */
  static native int lanes();

  static native void packStrips(
      float[] a, int at, int ld, boolean byColumns, int row, int count, int p, int k, long to);

  /** The floats of scratch that {@link #packPanels} needs. */
  static native long packPanelsFloats(int columns);

  static native void packPanels(
      float @Nullable [] b,
      int bAt,
      int bLd,
      int bRow,
      int bColumn,
      long matrix,
      boolean transposed,
      int column,
      int count,
      int p,
      int k,
      long to,
      long scratch);

  static native void multiply(
      long strips,
      int rows,
      long panels,
      int columns,
      int depth,
      float[] c,
      int cAt,
      int cLd,
      boolean turned,
      float alpha,
      boolean add,
      int row,
      int column);

  static native void rowNT(
      float[] x,
      int xAt,
      float @Nullable [] b,
      int bAt,
      int bRow,
      long matrix,
      int k,
      int row,
      int lastRow,
      float[] y,
      int yAt,
      long scratch);

  /** The floats of scratch that {@link #rowNN} needs. */
  static native long rowNNFloats(int columns);

  static native void rowNN(
      float[] x,
      int xAt,
      float @Nullable [] b,
      int bAt,
      int bLd,
      int bColumn,
      long matrix,
      int k,
      int column,
      int lastColumn,
      float[] y,
      int yAt,
      long scratch);

  static native void gather(
      float @Nullable [] table,
      int tableAt,
      long matrix,
      int[] ids,
      int idsAt,
      int count,
      int d,
      float scale,
      boolean add,
      float[] y,
      int yAt,
      long scratch);

  /** The floats of scratch that {@link #attention} needs for queries that see {@code keys} keys. */
  static native long attentionFloats(int width, int keys);

  static native void attention(
      int width,
      int window,
      int group,
      float scale,
      int kvHead,
      int from,
      int to,
      int keyRow,
      int queryRow,
      float[] q,
      int qAt,
      int qLd,
      float[] k,
      int kAt,
      int kLd,
      float[] v,
      int vAt,
      int vLd,
      float[] y,
      int yAt,
      int yLd,
      float @Nullable [] lse,
      int lseAt,
      int lseLd,
      long scratch);

  /** The floats of scratch that {@link #attentionBackward} needs. */
  static native long attentionBackwardFloats(int width, int tokens);

  static native void attentionBackward(
      int width,
      int window,
      int group,
      float scale,
      int kvHead,
      int row,
      int lastRow,
      float[] q,
      int qAt,
      int qLd,
      float[] k,
      int kAt,
      int kLd,
      float[] v,
      int vAt,
      int vLd,
      float[] y,
      int yAt,
      int yLd,
      float[] lse,
      int lseAt,
      int lseLd,
      float[] dy,
      int dyAt,
      int dyLd,
      boolean add,
      float[] dq,
      int dqAt,
      int dqLd,
      float[] dk,
      int dkAt,
      int dkLd,
      float[] dv,
      int dvAt,
      int dvLd,
      long scratch);

  static native void axpy(float alpha, float[] x, int xAt, boolean add, float[] y, int yAt, int n);

  static native void add(
      float[] a, int aAt, float scale, float[] b, int bAt, float[] y, int yAt, int n);

  static native void addRow(float[] row, int rowAt, float[] y, int yAt, int rows, int d);

  static native void sumRows(
      float[] x, int xAt, int rows, int d, boolean add, float[] sum, int sumAt, int from, int to);

  static native void scaleColumns(
      float[] x,
      int xAt,
      float[] gain,
      int gainAt,
      boolean add,
      float[] y,
      int yAt,
      int rows,
      int d);

  static native void sumProducts(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int rows,
      int d,
      boolean add,
      float[] sum,
      int sumAt,
      int from,
      int to);

  static native void scatterAdd(
      float[] x,
      int xAt,
      int[] ids,
      int idsAt,
      int count,
      int d,
      float scale,
      float[] table,
      int tableAt,
      int from,
      int to);

  static native double squaredNorm(float[] x, int xAt, int n);

  static native void gelu(float[] x, int xAt, float[] y, int yAt, int n);

  static native void geluBackward(
      float[] dy, int dyAt, float[] x, int xAt, boolean add, float[] dx, int dxAt, int n);

  static native void glu(
      boolean silu,
      float[] gate,
      int gateAt,
      float[] up,
      int upAt,
      boolean add,
      float[] y,
      int yAt,
      int n);

  static native void gluBackward(
      boolean silu,
      float[] dy,
      int dyAt,
      float[] gate,
      int gateAt,
      float[] up,
      int upAt,
      boolean add,
      float[] dgate,
      int dgateAt,
      int n);

  static native void rotate(
      float[] x,
      int xAt,
      int[] positions,
      int positionsAt,
      float[] cos,
      int cosAt,
      float[] sin,
      int sinAt,
      boolean back,
      boolean add,
      float[] y,
      int yAt,
      int rows,
      int cols,
      int half);

  static native void dropout(
      float rate,
      long key,
      long[] tokenKeys,
      int keysAt,
      float[] x,
      int xAt,
      boolean add,
      float[] y,
      int yAt,
      int rows,
      int d);

  static native void adamW(
      float rate,
      float beta1,
      float beta2,
      float eps,
      float decay,
      float gradientScale,
      float correction1,
      float correction2,
      float[] p,
      int pAt,
      float[] g,
      int gAt,
      float[] m,
      int mAt,
      float[] v,
      int vAt,
      int n);

  static native void layerNorm(
      float[] x,
      int xAt,
      float[] gain,
      int gainAt,
      float[] bias,
      int biasAt,
      float eps,
      float[] y,
      int yAt,
      float[] mean,
      int meanAt,
      float[] rstd,
      int rstdAt,
      int rows,
      int d);

  static native void layerNormBackward(
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      float[] gain,
      int gainAt,
      float[] mean,
      int meanAt,
      float[] rstd,
      int rstdAt,
      boolean add,
      float[] dx,
      int dxAt,
      int rows,
      int d);

  static native void layerNormGain(
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      float[] mean,
      int meanAt,
      float[] rstd,
      int rstdAt,
      boolean add,
      float[] dgain,
      int dgainAt,
      int rows,
      int d,
      int from,
      int to);

  static native void rmsNorm(
      float[] x,
      int xAt,
      float[] gain,
      int gainAt,
      float offset,
      float eps,
      float[] y,
      int yAt,
      float[] rstd,
      int rstdAt,
      int rows,
      int d);

  static native void rmsNormBackward(
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      float[] gain,
      int gainAt,
      float offset,
      float[] rstd,
      int rstdAt,
      boolean add,
      float[] dx,
      int dxAt,
      int rows,
      int d);

  static native void rmsNormGain(
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      float[] rstd,
      int rstdAt,
      boolean add,
      float[] dgain,
      int dgainAt,
      int rows,
      int d,
      int from,
      int to);

  /** The largest of {@code n} values; what is not a number may be passed over. */
  static native float largest(float[] z, int zAt, int n);

  /** Σ e^(z - max). */
  static native float exponentialSum(float[] z, int zAt, int n, float max);

  /** Replaces each value by factor·e^(z - max). */
  static native void scaledExponentials(float[] z, int zAt, int n, float max, float factor);
}
