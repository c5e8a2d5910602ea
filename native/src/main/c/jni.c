/*
 * The kernels for Java: the methods of org.mobilefinetuner.jni.Library.
 *
 * A Java array is used where it lies (GetPrimitiveArrayCritical): nothing is copied. Until it is given
 * back the garbage collector may have to wait, so a call does the work of one task, milliseconds at
 * most, and calls nothing of Java in between. Offsets and distances are in floats; `scratch` and
 * `matrix` are addresses of direct buffers.
 */
#include "jni.h"

#include "mft.h"

#define JAVA(type, name) EXPORT type Java_org_mobilefinetuner_jni_Library_##name

JAVA(int64_t, address)(HEAD, jobject buffer) {
  (void)type;
  return (int64_t)((void *(*)(Env, jobject))(*env)[GET_DIRECT_ADDRESS])(env, buffer);
}

JAVA(int32_t, tileRows)(HEAD) {
  (void)env, (void)type;
  return mft_tile_rows();
}

JAVA(int32_t, tileColumns)(HEAD) {
  (void)env, (void)type;
  return mft_tile_columns();
}

JAVA(int32_t, lanes)(HEAD) {
  (void)env, (void)type;
  return mft_lanes();
}

/* Products */

JAVA(int64_t, packPanelsFloats)(HEAD, int32_t columns) {
  (void)env, (void)type;
  return mft_pack_panels_floats(columns);
}

#define KERNEL(name) mft_##name
#include "jni_products.h"

JAVA(void, rowNT)(HEAD, FLOATS(x), FLOATS(b), int32_t b_row, int64_t matrix, int32_t k, int32_t row,
                  int32_t last_row, FLOATS(y), int64_t scratch) {
  (void)type;
  PIN(x);
  PIN(b);
  PIN(y);
  struct mft_operand operand = {b, k, b_row, 0, (const struct mft_matrix *)matrix};
  mft_row_nt(x, &operand, k, row, last_row, y, (float *)scratch);
  UNPIN(y, WRITTEN);
  UNPIN(b, ONLY_READ);
  UNPIN(x, ONLY_READ);
}

JAVA(int64_t, rowNNFloats)(HEAD, int32_t columns) {
  (void)env, (void)type;
  return mft_row_nn_floats(columns);
}

JAVA(void, rowNN)(HEAD, FLOATS(x), FLOATS(b), int32_t b_ld, int32_t b_col, int64_t matrix, int32_t k,
                  int32_t col, int32_t last_col, FLOATS(y), int64_t scratch) {
  (void)type;
  PIN(x);
  PIN(b);
  PIN(y);
  struct mft_operand operand = {b, b_ld, 0, b_col, (const struct mft_matrix *)matrix};
  mft_row_nn(x, &operand, k, col, last_col, y, (float *)scratch);
  UNPIN(y, WRITTEN);
  UNPIN(b, ONLY_READ);
  UNPIN(x, ONLY_READ);
}

JAVA(void, gather)(HEAD, FLOATS(table), int64_t matrix, INTS(ids), int32_t count, int32_t d,
                   float scale, uint8_t add, FLOATS(y), int64_t scratch) {
  (void)type;
  PIN(table);
  PIN_INTS(ids);
  PIN(y);
  struct mft_operand operand = {table, d, 0, 0, (const struct mft_matrix *)matrix};
  mft_gather(&operand, ids, count, d, scale, add, y, (float *)scratch);
  UNPIN(y, WRITTEN);
  UNPIN(ids, ONLY_READ);
  UNPIN(table, ONLY_READ);
}

/* Attention */

#define WINDOW(name) FLOATS(name), int32_t name##_ld
#define AS_WINDOW(name) ((struct mft_window){name, name##_ld})

JAVA(int64_t, attentionFloats)(HEAD, int32_t width, int32_t keys) {
  (void)env, (void)type;
  return mft_attention_floats(width, keys);
}

JAVA(void, attention)(HEAD, int32_t width, int32_t window, int32_t group, float scale, int32_t kv_head,
                      int32_t from, int32_t to, int32_t key_row, int32_t query_row, WINDOW(q),
                      WINDOW(k), WINDOW(v), WINDOW(y), WINDOW(lse), int64_t scratch) {
  (void)type;
  PIN(q);
  PIN(k);
  PIN(v);
  PIN(y);
  PIN(lse);
  struct mft_heads heads = {width, window, group, scale};
  mft_attention(&heads, kv_head, from, to, key_row, query_row, AS_WINDOW(q), AS_WINDOW(k), AS_WINDOW(v),
                AS_WINDOW(y), AS_WINDOW(lse), (float *)scratch);
  UNPIN(lse, WRITTEN);
  UNPIN(y, WRITTEN);
  UNPIN(v, ONLY_READ);
  UNPIN(k, ONLY_READ);
  UNPIN(q, ONLY_READ);
}

JAVA(int64_t, attentionBackwardFloats)(HEAD, int32_t width, int32_t tokens) {
  (void)env, (void)type;
  return mft_attention_backward_floats(width, tokens);
}

JAVA(void, attentionBackward)(HEAD, int32_t width, int32_t window, int32_t group, float scale,
                              int32_t kv_head, int32_t row, int32_t last_row, WINDOW(q), WINDOW(k),
                              WINDOW(v), WINDOW(y), WINDOW(lse), WINDOW(dy), uint8_t add, WINDOW(dq),
                              WINDOW(dk), WINDOW(dv), int64_t scratch) {
  (void)type;
  PIN(q);
  PIN(k);
  PIN(v);
  PIN(y);
  PIN(lse);
  PIN(dy);
  PIN(dq);
  PIN(dk);
  PIN(dv);
  struct mft_heads heads = {width, window, group, scale};
  mft_attention_backward(&heads, kv_head, row, last_row, AS_WINDOW(q), AS_WINDOW(k), AS_WINDOW(v),
                         AS_WINDOW(y), AS_WINDOW(lse), AS_WINDOW(dy), add, AS_WINDOW(dq),
                         AS_WINDOW(dk), AS_WINDOW(dv), (float *)scratch);
  UNPIN(dv, WRITTEN);
  UNPIN(dk, WRITTEN);
  UNPIN(dq, WRITTEN);
  UNPIN(dy, ONLY_READ);
  UNPIN(lse, ONLY_READ);
  UNPIN(y, ONLY_READ);
  UNPIN(v, ONLY_READ);
  UNPIN(k, ONLY_READ);
  UNPIN(q, ONLY_READ);
}

/* Elements, rows and columns */

JAVA(void, axpy)(HEAD, float alpha, FLOATS(x), uint8_t add, FLOATS(y), int32_t n) {
  (void)type;
  PIN(x);
  PIN(y);
  mft_axpy(alpha, x, add, y, n);
  UNPIN(y, WRITTEN);
  UNPIN(x, ONLY_READ);
}

JAVA(void, add)(HEAD, FLOATS(a), float scale, FLOATS(b), FLOATS(y), int32_t n) {
  (void)type;
  PIN(a);
  PIN(b);
  PIN(y);
  mft_add(a, scale, b, y, n);
  UNPIN(y, WRITTEN);
  UNPIN(b, ONLY_READ);
  UNPIN(a, ONLY_READ);
}

JAVA(void, addRow)(HEAD, FLOATS(row), FLOATS(y), int32_t rows, int32_t d) {
  (void)type;
  PIN(row);
  PIN(y);
  mft_add_row(row, y, rows, d);
  UNPIN(y, WRITTEN);
  UNPIN(row, ONLY_READ);
}

JAVA(void, sumRows)(HEAD, FLOATS(x), int32_t rows, int32_t d, uint8_t add, FLOATS(sum), int32_t from,
                    int32_t to) {
  (void)type;
  PIN(x);
  PIN(sum);
  mft_sum_rows(x, rows, d, add, sum, from, to);
  UNPIN(sum, WRITTEN);
  UNPIN(x, ONLY_READ);
}

JAVA(void, scaleColumns)(HEAD, FLOATS(x), FLOATS(gain), uint8_t add, FLOATS(y), int32_t rows,
                         int32_t d) {
  (void)type;
  PIN(x);
  PIN(gain);
  PIN(y);
  mft_scale_columns(x, gain, add, y, rows, d);
  UNPIN(y, WRITTEN);
  UNPIN(gain, ONLY_READ);
  UNPIN(x, ONLY_READ);
}

JAVA(void, sumProducts)(HEAD, FLOATS(a), FLOATS(b), int32_t rows, int32_t d, uint8_t add, FLOATS(sum),
                        int32_t from, int32_t to) {
  (void)type;
  PIN(a);
  PIN(b);
  PIN(sum);
  mft_sum_products(a, b, rows, d, add, sum, from, to);
  UNPIN(sum, WRITTEN);
  UNPIN(b, ONLY_READ);
  UNPIN(a, ONLY_READ);
}

JAVA(void, scatterAdd)(HEAD, FLOATS(x), INTS(ids), int32_t count, int32_t d, float scale,
                       FLOATS(table), int32_t from, int32_t to) {
  (void)type;
  PIN(x);
  PIN_INTS(ids);
  PIN(table);
  mft_scatter_add(x, ids, count, d, scale, table, from, to);
  UNPIN(table, WRITTEN);
  UNPIN(ids, ONLY_READ);
  UNPIN(x, ONLY_READ);
}

JAVA(double, squaredNorm)(HEAD, FLOATS(x), int32_t n) {
  (void)type;
  PIN(x);
  double sum = mft_squared_norm(x, n);
  UNPIN(x, ONLY_READ);
  return sum;
}

JAVA(void, gelu)(HEAD, FLOATS(x), FLOATS(y), int32_t n) {
  (void)type;
  PIN(x);
  PIN(y);
  mft_gelu(x, y, n);
  UNPIN(y, WRITTEN);
  UNPIN(x, ONLY_READ);
}

JAVA(void, geluBackward)(HEAD, FLOATS(dy), FLOATS(x), uint8_t add, FLOATS(dx), int32_t n) {
  (void)type;
  PIN(dy);
  PIN(x);
  PIN(dx);
  mft_gelu_backward(dy, x, add, dx, n);
  UNPIN(dx, WRITTEN);
  UNPIN(x, ONLY_READ);
  UNPIN(dy, ONLY_READ);
}

JAVA(void, glu)(HEAD, uint8_t silu, FLOATS(gate), FLOATS(up), uint8_t add, FLOATS(y), int32_t n) {
  (void)type;
  PIN(gate);
  PIN(up);
  PIN(y);
  mft_glu(silu, gate, up, add, y, n);
  UNPIN(y, WRITTEN);
  UNPIN(up, ONLY_READ);
  UNPIN(gate, ONLY_READ);
}

JAVA(void, gluBackward)(HEAD, uint8_t silu, FLOATS(dy), FLOATS(gate), FLOATS(up), uint8_t add,
                        FLOATS(dgate), int32_t n) {
  (void)type;
  PIN(dy);
  PIN(gate);
  PIN(up);
  PIN(dgate);
  mft_glu_backward(silu, dy, gate, up, add, dgate, n);
  UNPIN(dgate, WRITTEN);
  UNPIN(up, ONLY_READ);
  UNPIN(gate, ONLY_READ);
  UNPIN(dy, ONLY_READ);
}

JAVA(void, rotate)(HEAD, FLOATS(x), INTS(positions), FLOATS(cos), FLOATS(sin), uint8_t back,
                   uint8_t add, FLOATS(y), int32_t rows, int32_t cols, int32_t half) {
  (void)type;
  PIN(x);
  PIN_INTS(positions);
  PIN(cos);
  PIN(sin);
  PIN(y);
  mft_rotate(x, positions, cos, sin, back, add, y, rows, cols, half);
  UNPIN(y, WRITTEN);
  UNPIN(sin, ONLY_READ);
  UNPIN(cos, ONLY_READ);
  UNPIN(positions, ONLY_READ);
  UNPIN(x, ONLY_READ);
}

JAVA(void, dropout)(HEAD, float rate, int64_t key, jobject keys_array, int32_t keys_at, FLOATS(x),
                    uint8_t add, FLOATS(y), int32_t rows, int32_t d) {
  (void)type;
  struct pinned keys = pin(env, keys_array);
  PIN(x);
  PIN(y);
  mft_dropout(rate, key, (const int64_t *)keys.data + keys_at, x, add, y, rows, d);
  UNPIN(y, WRITTEN);
  UNPIN(x, ONLY_READ);
  unpin(env, keys, ONLY_READ);
}

JAVA(void, adamW)(HEAD, float rate, float beta1, float beta2, float eps, float decay, float scale,
                  float correction1, float correction2, FLOATS(p), FLOATS(g), FLOATS(m), FLOATS(v),
                  int32_t n) {
  (void)type;
  struct mft_adamw step = {rate, beta1, beta2, eps, decay, scale, correction1, correction2};
  PIN(p);
  PIN(g);
  PIN(m);
  PIN(v);
  mft_adamw(&step, p, g, m, v, n);
  UNPIN(v, WRITTEN);
  UNPIN(m, WRITTEN);
  UNPIN(g, ONLY_READ);
  UNPIN(p, WRITTEN);
}

/* Norms and losses */

JAVA(void, layerNorm)(HEAD, FLOATS(x), FLOATS(gain), FLOATS(bias), float eps, FLOATS(y), FLOATS(mean),
                      FLOATS(rstd), int32_t rows, int32_t d) {
  (void)type;
  PIN(x);
  PIN(gain);
  PIN(bias);
  PIN(y);
  PIN(mean);
  PIN(rstd);
  mft_layer_norm(x, gain, bias, eps, y, mean, rstd, rows, d);
  UNPIN(rstd, WRITTEN);
  UNPIN(mean, WRITTEN);
  UNPIN(y, WRITTEN);
  UNPIN(bias, ONLY_READ);
  UNPIN(gain, ONLY_READ);
  UNPIN(x, ONLY_READ);
}

JAVA(void, layerNormBackward)(HEAD, FLOATS(dy), FLOATS(x), FLOATS(gain), FLOATS(mean), FLOATS(rstd),
                              uint8_t add, FLOATS(dx), int32_t rows, int32_t d) {
  (void)type;
  PIN(dy);
  PIN(x);
  PIN(gain);
  PIN(mean);
  PIN(rstd);
  PIN(dx);
  mft_layer_norm_backward(dy, x, gain, mean, rstd, add, dx, rows, d);
  UNPIN(dx, WRITTEN);
  UNPIN(rstd, ONLY_READ);
  UNPIN(mean, ONLY_READ);
  UNPIN(gain, ONLY_READ);
  UNPIN(x, ONLY_READ);
  UNPIN(dy, ONLY_READ);
}

JAVA(void, layerNormGain)(HEAD, FLOATS(dy), FLOATS(x), FLOATS(mean), FLOATS(rstd), uint8_t add,
                          FLOATS(dgain), int32_t rows, int32_t d, int32_t from, int32_t to) {
  (void)type;
  PIN(dy);
  PIN(x);
  PIN(mean);
  PIN(rstd);
  PIN(dgain);
  mft_layer_norm_gain(dy, x, mean, rstd, add, dgain, rows, d, from, to);
  UNPIN(dgain, WRITTEN);
  UNPIN(rstd, ONLY_READ);
  UNPIN(mean, ONLY_READ);
  UNPIN(x, ONLY_READ);
  UNPIN(dy, ONLY_READ);
}

JAVA(void, rmsNorm)(HEAD, FLOATS(x), FLOATS(gain), float offset, float eps, FLOATS(y), FLOATS(rstd),
                    int32_t rows, int32_t d) {
  (void)type;
  PIN(x);
  PIN(gain);
  PIN(y);
  PIN(rstd);
  mft_rms_norm(x, gain, offset, eps, y, rstd, rows, d);
  UNPIN(rstd, WRITTEN);
  UNPIN(y, WRITTEN);
  UNPIN(gain, ONLY_READ);
  UNPIN(x, ONLY_READ);
}

JAVA(void, rmsNormBackward)(HEAD, FLOATS(dy), FLOATS(x), FLOATS(gain), float offset, FLOATS(rstd),
                            uint8_t add, FLOATS(dx), int32_t rows, int32_t d) {
  (void)type;
  PIN(dy);
  PIN(x);
  PIN(gain);
  PIN(rstd);
  PIN(dx);
  mft_rms_norm_backward(dy, x, gain, offset, rstd, add, dx, rows, d);
  UNPIN(dx, WRITTEN);
  UNPIN(rstd, ONLY_READ);
  UNPIN(gain, ONLY_READ);
  UNPIN(x, ONLY_READ);
  UNPIN(dy, ONLY_READ);
}

JAVA(void, rmsNormGain)(HEAD, FLOATS(dy), FLOATS(x), FLOATS(rstd), uint8_t add, FLOATS(dgain),
                        int32_t rows, int32_t d, int32_t from, int32_t to) {
  (void)type;
  PIN(dy);
  PIN(x);
  PIN(rstd);
  PIN(dgain);
  mft_rms_norm_gain(dy, x, rstd, add, dgain, rows, d, from, to);
  UNPIN(dgain, WRITTEN);
  UNPIN(rstd, ONLY_READ);
  UNPIN(x, ONLY_READ);
  UNPIN(dy, ONLY_READ);
}

JAVA(float, largest)(HEAD, FLOATS(z), int32_t n) {
  (void)type;
  PIN(z);
  float most = mft_largest(z, n);
  UNPIN(z, ONLY_READ);
  return most;
}

JAVA(float, exponentialSum)(HEAD, FLOATS(z), int32_t n, float max) {
  (void)type;
  PIN(z);
  float sum = mft_exponential_sum(z, n, max);
  UNPIN(z, ONLY_READ);
  return sum;
}

JAVA(void, scaledExponentials)(HEAD, FLOATS(z), int32_t n, float max, float factor) {
  (void)type;
  PIN(z);
  mft_scaled_exponentials(z, n, max, factor);
  UNPIN(z, WRITTEN);
}
