/*
 * Normalisation of rows, and the parts of a softmax. A row is summed by lanes and the lanes in one
 * order, so that its bits depend on the row alone.
 */
#include "mft.h"

#include "functions.h"

INLINE float inverse_root(float x) { return (float)(1 / __builtin_sqrt((double)x)); }

static float sum(const float *x, long d) {
  vf s0 = splat(0), s1 = s0;
  long i = 0;
  for (; i + 2 * LANES <= d; i += 2 * LANES) {
    s0 += load(x + i);
    s1 += load(x + i + LANES);
  }
  for (long left = d - i; left > 0; i += LANES, left -= LANES) {
    s0 += take(x + i, left);
  }
  return sum_lanes(s0 + s1);
}

/* The sum of (x - mean)^2. */
static float squares(const float *x, float mean, long d) {
  vf s0 = splat(0), s1 = s0, m = splat(mean);
  long i = 0;
  for (; i + 2 * LANES <= d; i += 2 * LANES) {
    vf a = load(x + i) - m;
    vf b = load(x + i + LANES) - m;
    s0 = fma(a, a, s0);
    s1 = fma(b, b, s1);
  }
  float total = 0;
  if (i + LANES <= d) {
    vf a = load(x + i) - m;
    s0 = fma(a, a, s0);
    i += LANES;
  }
  for (; i < d; i++) {
    total += (x[i] - mean) * (x[i] - mean);
  }
  return sum_lanes(s0 + s1) + total;
}

EXPORT void mft_layer_norm(const float *x, const float *gain, const float *bias, float eps, float *y,
                           float *mean, float *rstd, long rows, long d) {
  for (long t = 0; t < rows; t++, x += d, y += d) {
    float m = sum(x, d) / (float)d;
    float r = inverse_root(squares(x, m, d) / (float)d + eps);
    mean[t] = m;
    rstd[t] = r;
    EACH_VECTOR(i, left, d) {
      vf hat = (take(x + i, left) - splat(m)) * splat(r);
      put(y + i, left, hat * take(gain + i, left) + take(bias + i, left));
    }
  }
}

EXPORT void mft_layer_norm_backward(const float *dy, const float *x, const float *gain,
                                    const float *mean, const float *rstd, int add, float *dx,
                                    long rows, long d) {
  for (long t = 0; t < rows; t++, dy += d, x += d, dx += d) {
    vf m = splat(mean[t]), r = splat(rstd[t]);
    vf sums = splat(0), sums_x = sums;
    EACH_VECTOR(i, left, d) {
      vf g = take(dy + i, left) * take(gain + i, left);
      sums += g;
      sums_x = fma(g, (take(x + i, left) - m) * r, sums_x);
    }
    vf c = splat(sum_lanes(sums) / (float)d);
    vf cx = splat(sum_lanes(sums_x) / (float)d);
    EACH_VECTOR(i, left, d) {
      vf g = take(dy + i, left) * take(gain + i, left);
      vf hat = (take(x + i, left) - m) * r;
      put_sum(dx + i, left, add, (g - c - hat * cx) * r);
    }
  }
}

EXPORT void mft_layer_norm_gain(const float *dy, const float *x, const float *mean, const float *rstd,
                                int add, float *dgain, long rows, long d, long from, long to) {
  for (long t = 0; t < rows; t++, dy += d, x += d) {
    vf m = splat(mean[t]), r = splat(rstd[t]);
    EACH_VECTOR(i, left, to - from) {
      vf hat = (take(x + from + i, left) - m) * r;
      put_sum(dgain + from + i, left, add || t > 0, hat * take(dy + from + i, left));
    }
  }
}

EXPORT void mft_rms_norm(const float *x, const float *gain, float offset, float eps, float *y,
                         float *rstd, long rows, long d) {
  for (long t = 0; t < rows; t++, x += d, y += d) {
    float r = inverse_root(squares(x, 0, d) / (float)d + eps);
    rstd[t] = r;
    EACH_VECTOR(i, left, d) {
      put(y + i, left, take(x + i, left) * splat(r) * (take(gain + i, left) + splat(offset)));
    }
  }
}

EXPORT void mft_rms_norm_backward(const float *dy, const float *x, const float *gain, float offset,
                                  const float *rstd, int add, float *dx, long rows, long d) {
  for (long t = 0; t < rows; t++, dy += d, x += d, dx += d) {
    vf r = splat(rstd[t]), sums = splat(0);
    EACH_VECTOR(i, left, d) {
      vf scaled = take(dy + i, left) * (take(gain + i, left) + splat(offset));
      sums = fma(scaled, take(x + i, left) * r, sums);
    }
    vf c = splat(sum_lanes(sums) / (float)d);
    EACH_VECTOR(i, left, d) {
      vf scaled = take(dy + i, left) * (take(gain + i, left) + splat(offset));
      put_sum(dx + i, left, add, (scaled - take(x + i, left) * r * c) * r);
    }
  }
}

EXPORT void mft_rms_norm_gain(const float *dy, const float *x, const float *rstd, int add,
                              float *dgain, long rows, long d, long from, long to) {
  for (long t = 0; t < rows; t++, dy += d, x += d) {
    vf r = splat(rstd[t]);
    EACH_VECTOR(i, left, to - from) {
      vf hat = take(x + from + i, left) * r;
      put_sum(dgain + from + i, left, add || t > 0, hat * take(dy + from + i, left));
    }
  }
}

/* The parts of a softmax over a piece of a row; the caller adds pieces up in float64. */

EXPORT float mft_largest(const float *z, long n) { return largest(z, n); }

/* The sum of e^(z - max). */
EXPORT float mft_exponential_sum(const float *z, long n, float max) {
  const vf most = splat(max);
  vf sum = splat(0);
  EACH_VECTOR(i, left, n) {
    float some[LANES];
    store(some, exponential(take(z + i, left) - most));
    sum += take(some, left);
  }
  return sum_lanes(sum);
}

/* Replaces each by factor*e^(z - max). */
EXPORT void mft_scaled_exponentials(float *z, long n, float max, float factor) {
  const vf most = splat(max);
  EACH_VECTOR(i, left, n) {
    put(z + i, left, exponential(take(z + i, left) - most) * splat(factor));
  }
}
