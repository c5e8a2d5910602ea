/*
 * Kernels over single elements, rows and columns. They are bound by memory: a vector at a time is
 * enough, and the end of a row, shorter than a vector, takes the same path through a few copied
 * values, so that an element's bits do not depend on where it lies.
 *
 * Sums over rows go down a strip of columns, `from` to `to`, in the order of the rows.
 */
#include "mft.h"

#include "functions.h"

EXPORT void mft_axpy(float alpha, const float *x, int add, float *y, long n) {
  vf factor = splat(alpha);
  EACH_VECTOR(i, left, n) { put_sum(y + i, left, add, factor * take(x + i, left)); }
}

EXPORT void mft_add(const float *a, float scale, const float *b, float *y, long n) {
  vf factor = splat(scale);
  EACH_VECTOR(i, left, n) { put(y + i, left, take(a + i, left) + factor * take(b + i, left)); }
}

EXPORT void mft_add_row(const float *row, float *y, long rows, long d) {
  for (long t = 0; t < rows; t++, y += d) {
    mft_axpy(1, row, 1, y, d);
  }
}

EXPORT void mft_sum_rows(const float *x, long rows, long d, int add, float *sum, long from, long to) {
  for (long t = 0; t < rows; t++) {
    mft_axpy(1, x + t * d + from, add || t > 0, sum + from, to - from);
  }
}

static void products(const float *a, const float *b, int add, float *y, long n) {
  EACH_VECTOR(i, left, n) { put_sum(y + i, left, add, take(a + i, left) * take(b + i, left)); }
}

EXPORT void mft_scale_columns(const float *x, const float *gain, int add, float *y, long rows,
                              long d) {
  for (long t = 0; t < rows; t++) {
    products(x + t * d, gain, add, y + t * d, d);
  }
}

EXPORT void mft_sum_products(const float *a, const float *b, long rows, long d, int add, float *sum,
                             long from, long to) {
  for (long t = 0; t < rows; t++) {
    products(a + t * d + from, b + t * d + from, add || t > 0, sum + from, to - from);
  }
}

EXPORT void mft_scatter_add(const float *x, const int32_t *ids, long count, long d, float scale,
                            float *table, long from, long to) {
  for (long t = 0; t < count; t++) {
    mft_axpy(scale, x + t * d + from, 1, table + ids[t] * d + from, to - from);
  }
}

EXPORT double mft_squared_norm(const float *x, long n) {
  double sum[8] = {0};
  long i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int j = 0; j < 8; j++) {
      sum[j] += (double)x[i + j] * x[i + j];
    }
  }
  double total = 0;
  for (int j = 0; j < 8; j++) {
    total += sum[j];
  }
  for (; i < n; i++) {
    total += (double)x[i] * x[i];
  }
  return total;
}

EXPORT void mft_gelu(const float *x, float *y, long n) {
  EACH_VECTOR(i, left, n) { put(y + i, left, gelu(take(x + i, left))); }
}

EXPORT void mft_gelu_backward(const float *dy, const float *x, int add, float *dx, long n) {
  EACH_VECTOR(i, left, n) {
    put_sum(dx + i, left, add, gelu_slope(take(x + i, left)) * take(dy + i, left));
  }
}

EXPORT void mft_glu(int is_silu, const float *gate, const float *up, int add, float *y, long n) {
  EACH_VECTOR(i, left, n) {
    vf g = take(gate + i, left);
    put_sum(y + i, left, add, (is_silu ? silu(g) : gelu(g)) * take(up + i, left));
  }
}

EXPORT void mft_glu_backward(int is_silu, const float *dy, const float *gate, const float *up, int add,
                             float *dgate, long n) {
  EACH_VECTOR(i, left, n) {
    vf g = take(gate + i, left);
    vf slope = is_silu ? silu_slope(g) : gelu_slope(g);
    put_sum(dgate + i, left, add, slope * take(dy + i, left) * take(up + i, left));
  }
}

/* Pairs (i, i + half) of each head of a row turned by the angles of the row's position. */
EXPORT void mft_rotate(const float *x, const int32_t *positions, const float *cos, const float *sin,
                       int back, int add, float *y, long rows, long cols, long half) {
  vf sign = splat(back ? -1 : 1);
  for (long t = 0; t < rows; t++) {
    const float *c = cos + positions[t] * half;
    const float *s = sin + positions[t] * half;
    for (long at = t * cols; at < (t + 1) * cols; at += 2 * half) {
      EACH_VECTOR(i, left, half) {
        vf turn = take(s + i, left) * sign;
        vf stay = take(c + i, left);
        vf a = take(x + at + i, left);
        vf b = take(x + at + half + i, left);
        put_sum(y + at + i, left, add, a * stay - b * turn);
        put_sum(y + at + half + i, left, add, b * stay + a * turn);
      }
    }
  }
}

/* SplitMix64's finaliser, as Java's Draws has it. */
INLINE uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

EXPORT void mft_dropout(float rate, int64_t key, const int64_t *token_keys, const float *x, int add,
                        float *y, long rows, long d) {
  float scale = 1 / (1 - rate);
  for (long t = 0; t < rows; t++) {
    uint64_t token = (uint64_t)(key ^ token_keys[t]);
    for (long i = 0, at = t * d; i < d; i++, at++) {
      uint64_t drawn = mix(token + 0x9e3779b97f4a7c15u * (uint64_t)i) >> 40;
      float value = (float)(int32_t)drawn * 0x1p-24f >= rate ? x[at] * scale : 0;
      y[at] = add ? y[at] + value : value;
    }
  }
}

/* Loshchilov and Hutter: Decoupled weight decay regularization, 2019. */
EXPORT void mft_adamw(const struct mft_adamw *s, float *p, const float *g, float *m, float *v,
                      long n) {
  vf keep = splat(1 - s->rate * s->decay);
  vf rate = splat(s->rate / s->correction1);
  vf over = splat((float)__builtin_sqrt((double)s->correction2));
  vf scale = splat(s->gradient_scale);
  vf beta1 = splat(s->beta1), new1 = splat(1 - s->beta1);
  vf beta2 = splat(s->beta2), new2 = splat(1 - s->beta2);
  vf eps = splat(s->eps);
  EACH_VECTOR(i, left, n) {
    vf gi = take(g + i, left) * scale;
    vf mi = take(m + i, left) * beta1 + gi * new1;
    vf vi = take(v + i, left) * beta2 + gi * new2 * gi;
    put(m + i, left, mi);
    put(v + i, left, vi);
    put(p + i, left, take(p + i, left) * keep - mi * rate / (root(vi) / over + eps));
  }
}
