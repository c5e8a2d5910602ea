/*
 * Vectors of floats, as wide as the processor this is compiled for has them.
 *
 * Everything else is written with the compiler's own vectors (+, -, *, comparisons, shifts), which
 * are the same for NEON, AVX2 and AVX-512. Only what they lack is here: a fused multiply-add that is
 * one instruction, a root, and loads of addresses that are aligned to nothing.
 *
 * Nothing of a C library is used: no allocation, no thread, no errno, no mathematical function.
 */
#ifndef MFT_SIMD_H
#define MFT_SIMD_H

#include <stdint.h>

#if defined(__aarch64__)
#include <arm_neon.h>
#define LANES 4
#elif defined(__AVX512F__)
#include <immintrin.h>
#define LANES 16
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define LANES 8
#else
#error "expected a target with NEON, AVX2 and FMA, or AVX-512"
#endif

#define INLINE static inline __attribute__((always_inline))
#define EXPORT __attribute__((visibility("default")))

typedef float vf __attribute__((vector_size(4 * LANES)));
typedef int32_t vi __attribute__((vector_size(4 * LANES)));
typedef uint16_t halves __attribute__((vector_size(2 * LANES), aligned(1)));
typedef float unaligned_vf __attribute__((vector_size(4 * LANES), aligned(1)));

INLINE vf load(const void *from) { return *(const unaligned_vf *)from; }

INLINE void store(float *to, vf v) { *(unaligned_vf *)to = v; }

/* As many numbers of 16 bits. */
INLINE vi widened(const void *from) { return __builtin_convertvector(*(const halves *)from, vi); }

/* a*b + c, rounded once. */
INLINE vf fma(vf a, vf b, vf c) {
#if LANES == 4
  return (vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif LANES == 16
  return _mm512_fmadd_ps(a, b, c);
#else
  return _mm256_fmadd_ps(a, b, c);
#endif
}

INLINE vf splat(float x) {
#if LANES == 4
  return (vf)vdupq_n_f32(x);
#elif LANES == 16
  return _mm512_set1_ps(x);
#else
  return _mm256_set1_ps(x);
#endif
}

INLINE vf root(vf x) {
#if LANES == 4
  return (vf)vsqrtq_f32((float32x4_t)x);
#elif LANES == 16
  return _mm512_sqrt_ps(x);
#else
  return _mm256_sqrt_ps(x);
#endif
}

/* a where the mask is set, b elsewhere. */
INLINE vf select(vi mask, vf a, vf b) { return (vf)(((vi)a & mask) | ((vi)b & ~mask)); }

/* The larger of each pair, and b's where one is not a number. */
INLINE vf larger(vf a, vf b) { return select(a > b, a, b); }

/* The first `left` values, and 0 behind them, where there are fewer than lanes. */
INLINE vf take(const float *from, long left) {
  if (left >= LANES) {
    return load(from);
  }
  float some[LANES] = {0};
  for (long i = 0; i < left; i++) {
    some[i] = from[i];
  }
  return load(some);
}

/* Writes the first `left` values. */
INLINE void put(float *to, long left, vf v) {
  if (left >= LANES) {
    store(to, v);
    return;
  }
  for (long i = 0; i < left; i++) {
    to[i] = v[i];
  }
}

/* Adds the first `left` values to those at `to`, or writes them. */
INLINE void put_sum(float *to, long left, int add, vf v) {
  put(to, left, add ? take(to, left) + v : v);
}

INLINE float float_of(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, 4);
  return x;
}

INLINE uint32_t bits_of(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, 4);
  return bits;
}

/* The sum of the lanes, always in this order. */
INLINE float sum_lanes(vf v) {
  float lane[LANES];
  store(lane, v);
  for (int half = LANES / 2; half >= 4; half /= 2) {
    for (int i = 0; i < half; i++) {
      lane[i] += lane[i + half];
    }
  }
  return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

/* The largest lane. */
INLINE float max_lanes(vf v) {
  float most = v[0];
  for (int i = 1; i < LANES; i++) {
    most = v[i] > most ? v[i] : most;
  }
  return most;
}

/* Goes through n values, a vector at a time; `left` is what is left of them. */
#define EACH_VECTOR(i, left, n) for (long i = 0, left = (n); left > 0; i += LANES, left -= LANES)

INLINE long round_up(long n, long unit) { return (n + unit - 1) / unit * unit; }

INLINE long least(long a, long b) { return a < b ? a : b; }

#endif
