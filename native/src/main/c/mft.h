/*
 * The kernels as plain C functions. jni.c makes them known to Java; any other caller may use them as
 * well. Matrices are row-major; `ld` is the distance of two rows in floats. `add` says whether a
 * result is added to what is there. Nothing is allocated: working memory comes from the caller, and
 * a `..._floats` function says how much.
 */
#ifndef MFT_H
#define MFT_H

#include <stdint.h>

/* A matrix in the bytes of a file, in windows of some rows each; codes have scales of their own. */
struct mft_matrix {
  int64_t format; /* MFT_F32 ... MFT_INT4 */
  int64_t cols;
  int64_t row_bytes;
  int64_t window_rows;
  int64_t first_row; /* where row 0 is in the first window */
  int64_t scale_row_bytes;
  int64_t scale_window_rows;
  int64_t scale_first_row;
  int64_t windows;
  const uint8_t *address[]; /* of the windows, then of the windows of the scales */
};

enum { MFT_F32, MFT_BF16, MFT_F16, MFT_INT8, MFT_INT4 };

/* Numbers in memory, or a matrix in a file where `stored` is not null. */
struct mft_operand {
  const float *floats; /* a part of the matrix that begins at first_row, first_col */
  long ld;
  long first_row;
  long first_col;
  const struct mft_matrix *stored;
};

/* What a product writes: C, or its transpose if `turned`. */
struct mft_target {
  float *c;
  long ld;
  int turned;
  float alpha;
  int add;
};

/* What the machine's tile looks like: rows, columns, and floats of a vector. */
int mft_tile_rows(void);
int mft_tile_columns(void);
int mft_lanes(void);

/* matrix.c */
void mft_decode(const struct mft_matrix *m, long row, long col, long n, float *to);
void mft_gather(const struct mft_operand *table, const int32_t *ids, long count, long d, float scale,
                int add, float *y, float *scratch);

/* product.c */

/*
 * Packs rows `row` to `row + count` of op(A), values p to p + k of each, in groups of four rows, each
 * 4*k floats behind the one before. By columns: the rows are the columns of what is stored.
 */
void mft_pack_strips(const float *a, long ld, int by_columns, long row, long count, long p, long k,
                     float *to);

/*
 * Packs columns `col` to `col + count` of op(B), values p to p + k of each, to panels as wide as a tile
 * but the last, which is whole vectors; column j of a panel is j*k floats behind the first of all.
 * `transposed`: the columns are the rows of what is stored.
 */
void mft_pack_panels(const struct mft_operand *b, int transposed, long col, long count, long p, long k,
                     float *to, float *scratch);
long mft_pack_panels_floats(long columns);

/*
 * What `rows` packed rows and `columns` packed columns, of `depth` floats each, give, to C at `row`,
 * `col`.
 */
void mft_multiply(const float *strips, long rows, const float *panels, long columns, long depth,
                  const struct mft_target *target, long row, long col);

void mft_row_nt(const float *x, const struct mft_operand *b, long k, long row, long last_row,
                float *y, float *scratch);
long mft_row_nn_floats(long columns);
void mft_row_nn(const float *x, const struct mft_operand *b, long k, long col, long last_col, float *y,
                float *scratch);

/* attention.c */
struct mft_heads {
  long width;
  long window;
  long group; /* query heads of a key and value head */
  float scale;
};

struct mft_window {
  float *first; /* row 0 */
  long ld;
};

long mft_attention_floats(long width, long keys);
void mft_attention(const struct mft_heads *heads, long kv_head, long from, long to, long key_row,
                   long query_row, struct mft_window q, struct mft_window k, struct mft_window v,
                   struct mft_window y, struct mft_window lse, float *scratch);
long mft_attention_backward_floats(long width, long tokens);
void mft_attention_backward(const struct mft_heads *heads, long kv_head, long row, long last_row,
                            struct mft_window q, struct mft_window k, struct mft_window v,
                            struct mft_window y, struct mft_window lse, struct mft_window dy, int add,
                            struct mft_window dq, struct mft_window dk, struct mft_window dv,
                            float *scratch);

/* elements.c */
void mft_axpy(float alpha, const float *x, int add, float *y, long n);
void mft_add(const float *a, float scale, const float *b, float *y, long n);
void mft_add_row(const float *row, float *y, long rows, long d);
void mft_sum_rows(const float *x, long rows, long d, int add, float *sum, long from, long to);
void mft_scale_columns(const float *x, const float *gain, int add, float *y, long rows, long d);
void mft_sum_products(const float *a, const float *b, long rows, long d, int add, float *sum,
                      long from, long to);
void mft_scatter_add(const float *x, const int32_t *ids, long count, long d, float scale,
                     float *table, long from, long to);
double mft_squared_norm(const float *x, long n);
void mft_gelu(const float *x, float *y, long n);
void mft_gelu_backward(const float *dy, const float *x, int add, float *dx, long n);
void mft_glu(int is_silu, const float *gate, const float *up, int add, float *y, long n);
void mft_glu_backward(int is_silu, const float *dy, const float *gate, const float *up, int add,
                      float *dgate, long n);
void mft_rotate(const float *x, const int32_t *positions, const float *cos, const float *sin, int back,
                int add, float *y, long rows, long cols, long half);
void mft_dropout(float rate, int64_t key, const int64_t *token_keys, const float *x, int add, float *y,
                 long rows, long d);

struct mft_adamw {
  float rate, beta1, beta2, eps, decay, gradient_scale, correction1, correction2;
};

void mft_adamw(const struct mft_adamw *step, float *p, const float *g, float *m, float *v, long n);

/* norms.c */
void mft_layer_norm(const float *x, const float *gain, const float *bias, float eps, float *y,
                    float *mean, float *rstd, long rows, long d);
void mft_layer_norm_backward(const float *dy, const float *x, const float *gain, const float *mean,
                             const float *rstd, int add, float *dx, long rows, long d);
void mft_layer_norm_gain(const float *dy, const float *x, const float *mean, const float *rstd,
                         int add, float *dgain, long rows, long d, long from, long to);
void mft_rms_norm(const float *x, const float *gain, float offset, float eps, float *y, float *rstd,
                  long rows, long d);
void mft_rms_norm_backward(const float *dy, const float *x, const float *gain, float offset,
                           const float *rstd, int add, float *dx, long rows, long d);
void mft_rms_norm_gain(const float *dy, const float *x, const float *rstd, int add, float *dgain,
                       long rows, long d, long from, long to);
float mft_largest(const float *z, long n);
float mft_exponential_sum(const float *z, long n, float max);
void mft_scaled_exponentials(float *z, long n, float max, float factor);

#endif
