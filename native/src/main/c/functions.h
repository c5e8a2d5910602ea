/*
 * Exponentials, logarithms and what is made of them, from additions and products alone: the bits are
 * the same on every processor with vectors of one width.
 */
#ifndef MFT_FUNCTIONS_H
#define MFT_FUNCTIONS_H

#include "simd.h"

/*
 * e^x. With n the whole number nearest to x/ln 2 and r what is left, |r| <= ln 2 / 2 (Cody and Waite:
 * Software manual for the elementary functions, 1980), e^r is 1 + r + r*r*p(r), and n goes into the
 * exponent. p is of degree 4, fitted for the least relative error of e^r, 3.1e-9. The error is at
 * most 1.01 units in the last place for x in [-87.33, 88.37]; below it is 0, above it stays.
 */
INLINE vf exponential(vf x) {
  const vf round = splat(0x1.8p23f); /* adding it leaves an integer in the low bits */
  vf bounded = select(x > splat(88.37f), splat(88.37f), x);
  vf shifted = fma(bounded, splat(0x1.715476p0f), round);
  vf n = shifted - round;
  /* The first part of ln 2 has 12 bits: its product with n is exact. */
  vf r = fma(n, splat(-0x1.0bfbe8p-15f), fma(n, splat(-0x1.62ep-1f), bounded));
  vf p = fma(splat(0x1.6a23cep-10f), r, splat(0x1.123a2p-7f));
  p = fma(p, r, splat(0x1.5558f2p-5f));
  p = fma(p, r, splat(0x1.555492p-3f));
  p = fma(p, r, splat(0x1.fffffcp-2f));
  p = fma(p, r * r, r) + splat(1);
  vf value = (vf)((vi)p + ((vi)shifted << 23));
  return select(x < splat(-87.33f), splat(0), value);
}

/*
 * ln x of a positive number: with x = m*2^e and m in [1/sqrt 2, sqrt 2), ln m is 2*artanh s, with
 * s = (m - 1)/(m + 1), |s| < 0.172, by its series up to s^21. Not a number stays so.
 */
INLINE double logarithm(double x) {
  union {
    double value;
    int64_t bits;
  } m = {x};
  if (!(x > 0) || m.bits >> 52 == 0x7ff) {
    return x * 0 + x; /* none of a softmax: keeps what is not a number */
  }
  int64_t e = (m.bits - 0x3fe6a09e667f3bcdL) >> 52; /* 1/sqrt 2 */
  m.bits -= (int64_t)((uint64_t)e << 52);
  double s = (m.value - 1) / (m.value + 1);
  double square = s * s;
  double sum = 0;
  for (int k = 21; k >= 3; k -= 2) {
    sum = (sum + 1.0 / k) * square;
  }
  return (double)e * 0x1.62e42fefa39efp-1 + 2 * (s + s * sum);
}

/* GELU in its tanh form, by the logistic function: (1 + tanh u)/2 = 1/(1 + e^-2u). */
#define GELU_A (-1.5957691216f) /* -2*sqrt(2/pi) */
#define GELU_B (GELU_A * 0.044715f)

INLINE vf gelu(vf x) {
  vf u = (x * x * splat(GELU_B) + splat(GELU_A)) * x;
  return x / (exponential(u) + splat(1));
}

INLINE vf gelu_slope(vf x) {
  vf square = x * x;
  vf e = exponential((square * splat(GELU_B) + splat(GELU_A)) * x);
  vf s = splat(1) / (e + splat(1));
  vf du = (square * splat(-3 * GELU_B) - splat(GELU_A)) * x;
  return (du * (e * s) + splat(1)) * s;
}

INLINE vf silu(vf x) { return x / (exponential(-x) + splat(1)); }

INLINE vf silu_slope(vf x) {
  vf e = exponential(-x);
  vf s = splat(1) / (e + splat(1));
  return (x * (e * s) + splat(1)) * s;
}

/* The largest of n values; what is not a number may be passed over. */
INLINE float largest(const float *z, long n) {
  const vf lowest = splat(-__builtin_inff());
  vf m0 = lowest;
  vf m1 = lowest;
  long i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    m0 = larger(load(z + i), m0);
    m1 = larger(load(z + i + LANES), m1);
  }
  float most = max_lanes(larger(m0, m1));
  for (; i < n; i++) {
    most = z[i] > most ? z[i] : most;
  }
  return most;
}

/* Replaces n values by e^(v - max); returns their sum. */
INLINE float exponentials(float *z, long n, float max) {
  const vf most = splat(max);
  vf sum = splat(0);
  long i = 0;
  for (; i + LANES <= n; i += LANES) {
    vf e = exponential(load(z + i) - most);
    store(z + i, e);
    sum += e;
  }
  if (i < n) {
    vf e = exponential(take(z + i, n - i) - most);
    float some[LANES];
    store(some, e);
    for (long j = 0; j < LANES; j++) {
      some[j] = j < n - i ? some[j] : 0;
    }
    put(z + i, n - i, e);
    sum += load(some);
  }
  return sum_lanes(sum);
}

/* The sum of n products: four sums of vectors, so that none waits for the one before. */
INLINE float dot(const float *a, const float *b, long n) {
  vf s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
  long i = 0;
  for (; i + 4 * LANES <= n; i += 4 * LANES) {
    s0 = fma(load(a + i), load(b + i), s0);
    s1 = fma(load(a + i + LANES), load(b + i + LANES), s1);
    s2 = fma(load(a + i + 2 * LANES), load(b + i + 2 * LANES), s2);
    s3 = fma(load(a + i + 3 * LANES), load(b + i + 3 * LANES), s3);
  }
  for (long left = n - i; left > 0; i += LANES, left -= LANES) {
    s0 = fma(take(a + i, left), take(b + i, left), s0);
  }
  return sum_lanes((s0 + s1) + (s2 + s3));
}

#endif
