/*
 * The innermost loop of every product.
 *
 * A tile of C is held in registers while one chunk of the inner dimension K goes past: of A four or
 * more rows, of B a few vectors. Each step loads those once and makes rows x vectors fused
 * multiply-adds of them, each into a sum of its own, so that no addition waits for another. The tile
 * is as large as the register file allows, for that is what decides how many multiply-adds a load
 * feeds:
 *
 *   NEON     32 registers of 4:  8 rows x 3 vectors, 24 sums + 3 of B + 2 of A: 24 FMA to 5 loads
 *   AVX2     16 registers of 8:  4 rows x 3 vectors, 12 sums + 3 of B + 1 of A: 12 FMA to 7 loads
 *   AVX-512  32 registers of 16: 12 rows x 2 vectors, 24 sums + 2 of B + 1 of A: 24 FMA to 14 loads
 *
 * NEON multiplies a vector with one lane of another, so a load of A serves four rows; x86 loads each
 * value of A into all lanes.
 *
 * Every element of the tile is summed on its own, from the first product to the last. Its bits
 * therefore depend neither on the size of the tile nor on its neighbours, and a tile at the edge of a
 * matrix needs no care but room.
 */
#include "tile.h"

typedef float v4 __attribute__((vector_size(16)));
typedef float unaligned_v4 __attribute__((vector_size(16), aligned(1)));

INLINE v4 load4(const void *from) { return *(const unaligned_v4 *)from; }

INLINE void store4(float *to, v4 v) { *(unaligned_v4 *)to = v; }

/*
 * Turns a square of four rows and four values in each quarter of a vector: out[i] has value i of rows
 * a, b, c and d.
 */
#define TURN(a, b, c, d, out)                                                                     \
  {                                                                                               \
    vf ab = LOWS(a, b), cd = LOWS(c, d), ab2 = HIGHS(a, b), cd2 = HIGHS(c, d);                    \
    out[0] = LOW_PAIRS(ab, cd), out[1] = HIGH_PAIRS(ab, cd);                                      \
    out[2] = LOW_PAIRS(ab2, cd2), out[3] = HIGH_PAIRS(ab2, cd2);                                  \
  }

#if LANES == 16
#define LOWS _mm512_unpacklo_ps
#define HIGHS _mm512_unpackhi_ps
#define LOW_PAIRS(a, b) (vf) _mm512_unpacklo_pd((__m512d)(a), (__m512d)(b))
#define HIGH_PAIRS(a, b) (vf) _mm512_unpackhi_pd((__m512d)(a), (__m512d)(b))

/* 16 bytes of every fourth row. Loads into a quarter need no unit that moves lanes. */
INLINE vf quarters(const uint8_t *from, long step) {
  __m512 v = _mm512_castps128_ps512((__m128)load4(from));
  v = _mm512_insertf32x4(v, (__m128)load4(from + 4 * step), 1);
  v = _mm512_insertf32x4(v, (__m128)load4(from + 8 * step), 2);
  return _mm512_insertf32x4(v, (__m128)load4(from + 12 * step), 3);
}
#elif LANES == 8
#define LOWS _mm256_unpacklo_ps
#define HIGHS _mm256_unpackhi_ps
#define LOW_PAIRS(a, b) (vf) _mm256_unpacklo_pd((__m256d)(a), (__m256d)(b))
#define HIGH_PAIRS(a, b) (vf) _mm256_unpackhi_pd((__m256d)(a), (__m256d)(b))

INLINE vf quarters(const uint8_t *from, long step) {
  __m256 v = _mm256_castps128_ps256((__m128)load4(from));
  return _mm256_insertf128_ps(v, (__m128)load4(from + 4 * step), 1);
}
#else
#define LOWS(a, b) (vf) vzip1q_f32((float32x4_t)(a), (float32x4_t)(b))
#define HIGHS(a, b) (vf) vzip2q_f32((float32x4_t)(a), (float32x4_t)(b))
#define LOW_PAIRS(a, b) (vf) vzip1q_f64((float64x2_t)(a), (float64x2_t)(b))
#define HIGH_PAIRS(a, b) (vf) vzip2q_f64((float64x2_t)(a), (float64x2_t)(b))

INLINE vf quarters(const uint8_t *from, long step) {
  (void)step;
  return load(from);
}
#endif

INLINE float widened_value(const uint8_t *from, const long size) {
  uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 24;
  if (size == 4) {
    __builtin_memcpy(&bits, from, 4);
  }
  return float_of(bits);
}

/*
 * LANES rows as one column of vectors. Of bfloat16 numbers two neighbours are turned as one, and come
 * apart when they are widened.
 */
INLINE void turn_vectors(const uint8_t *from, long step, long k, float *to, long wide,
                         const long size) {
  long p = 0;
  for (; p + 16 / size <= k; p += 16 / size) {
    const uint8_t *at = from + size * p;
    vf a = quarters(at, step);
    vf b = quarters(at + step, step);
    vf c = quarters(at + 2 * step, step);
    vf d = quarters(at + 3 * step, step);
    vf out[4];
    TURN(a, b, c, d, out);
    for (int i = 0; i < 4; i++) {
      if (size == 2) {
        store(to + (p + 2 * i) * wide, (vf)((vi)out[i] << 16));
        store(to + (p + 2 * i + 1) * wide, (vf)((vi)out[i] & ~0xffff));
      } else {
        store(to + (p + i) * wide, out[i]);
      }
    }
  }
  for (; p < k; p++) {
    for (long j = 0; j < LANES; j++) {
      to[p * wide + j] = widened_value(from + j * step + size * p, size);
    }
  }
}

INLINE void turn_rows(const uint8_t *from, long step, long count, long k, float *to, long wide,
                      const long size) {
  long whole = count / LANES * LANES;
  for (long j = 0; j < whole; j += LANES) {
    turn_vectors(from + j * step, step, k, to + j, wide, size);
  }
  for (long p = 0; p < k && whole < wide; p++) {
    for (long j = whole; j < wide; j++) {
      to[p * wide + j] = j < count ? widened_value(from + j * step + size * p, size) : 0;
    }
  }
}

void pack_turned(struct rows from, long count, long k, float *to, long wide) {
  if (from.size == 2) {
    turn_rows(from.first, from.step, count, k, to, wide, 2);
  } else {
    turn_rows(from.first, from.step, count, k, to, wide, 4);
  }
}

#define AHEAD 8 /* rows that are asked for before they are read: what is far apart nobody foresees */

/* A vector's lanes of a row, from value j on. */
INLINE vf values_at(const uint8_t *row, long j, const long size) {
  return size == 2 ? (vf)(widened(row + 2 * j) << 16) : load(row + 4 * j);
}

INLINE void ask_for(const uint8_t *row, long bytes) {
  for (long i = 0; i < bytes; i += 64) {
    __builtin_prefetch(row + i);
  }
}

INLINE void copy_rows(const uint8_t *from, long step, long count, long k, float *to, long wide,
                      const long size) {
  for (long p = 0; p < k; p++, from += step, to += wide) {
    ask_for(from + AHEAD * step, size * count);
    long j = 0;
    for (; j + LANES <= count; j += LANES) {
      store(to + j, values_at(from, j, size));
    }
    for (; j < count; j++) {
      to[j] = widened_value(from + size * j, size);
    }
    for (; j < wide; j++) {
      to[j] = 0;
    }
  }
}

/* Rows as wide as a tile: the loops within one disappear. */
INLINE void copy_whole_rows(const uint8_t *from, long step, long k, float *to, const long size) {
  for (long p = 0; p < k; p++, from += step, to += TILE_WIDTH) {
    ask_for(from + AHEAD * step, size * TILE_WIDTH);
    for (long j = 0; j < TILE_WIDTH; j += LANES) {
      store(to + j, values_at(from, j, size));
    }
  }
}

INLINE void copy(struct rows from, long count, long k, float *to, long wide, const long size) {
  if (count == TILE_WIDTH) {
    copy_whole_rows(from.first, from.step, k, to, size);
  } else {
    copy_rows(from.first, from.step, count, k, to, wide, size);
  }
}

void pack_straight(struct rows from, long count, long k, float *to, long wide) {
  if (from.size == 2) {
    copy(from, count, k, to, wide, 2);
  } else {
    copy(from, count, k, to, wide, 4);
  }
}

/* Four rows, value by value. */
static void pack_four(const float *from, long ld, long k, float *to) {
  const float *row[4] = {from, from + ld, from + 2 * ld, from + 3 * ld};
  long p = 0;
#if LANES == 16
  for (; p + LANES <= k; p += LANES) {
    for (int i = 0; i < 4; i++) {
      __builtin_prefetch(row[i] + p + 4 * ld); /* of the next four rows */
    }
    vf a = load(row[0] + p), b = load(row[1] + p), c = load(row[2] + p), d = load(row[3] + p);
#define ZIP(x, y, s)                                                                              \
  __builtin_shufflevector(x, y, s, s + 16, s + 1, s + 17, s + 2, s + 18, s + 3, s + 19, s + 4,    \
                          s + 20, s + 5, s + 21, s + 6, s + 22, s + 7, s + 23)
#define PAIRS(x, y, s)                                                                            \
  __builtin_shufflevector(x, y, s, s + 1, s + 16, s + 17, s + 2, s + 3, s + 18, s + 19, s + 4,    \
                          s + 5, s + 20, s + 21, s + 6, s + 7, s + 22, s + 23)
    vf ab = ZIP(a, b, 0), ab2 = ZIP(a, b, 8), cd = ZIP(c, d, 0), cd2 = ZIP(c, d, 8);
    store(to + 4 * p, PAIRS(ab, cd, 0));
    store(to + 4 * p + 16, PAIRS(ab, cd, 8));
    store(to + 4 * p + 32, PAIRS(ab2, cd2, 0));
    store(to + 4 * p + 48, PAIRS(ab2, cd2, 8));
#undef ZIP
#undef PAIRS
  }
#endif
  for (; p < k; p++) {
    v4 one = {row[0][p], row[1][p], row[2][p], row[3][p]};
    store4(to + 4 * p, one);
  }
}

void pack_rows(const float *from, long ld, long count, long k, float *to, long step) {
  for (long i = 0; i < count; i += 4, to += step) {
    if (count - i >= 4) {
      pack_four(from + i * ld, ld, k, to);
    } else {
      for (long p = 0; p < k; p++) {
        for (long j = 0; j < 4; j++) {
          to[4 * p + j] = i + j < count ? from[(i + j) * ld + p] : 0;
        }
      }
    }
  }
}

/* Four rows of 16 columns: four values of four groups, each a line of memory. */
INLINE void pack_square(const float *from, long ld, float *to, long step) {
#if LANES == 16
#define QUARTERS(x, y, s, t)                                                                      \
  __builtin_shufflevector(x, y, s, s + 1, s + 2, s + 3, t, t + 1, t + 2, t + 3, s + 16, s + 17,   \
                          s + 18, s + 19, t + 16, t + 17, t + 18, t + 19)
  vf a = load(from), b = load(from + ld), c = load(from + 2 * ld), d = load(from + 3 * ld);
  vf ab = QUARTERS(a, b, 0, 4), cd = QUARTERS(c, d, 0, 4);
  vf ab2 = QUARTERS(a, b, 8, 12), cd2 = QUARTERS(c, d, 8, 12);
  store(to, QUARTERS(ab, cd, 0, 8));
  store(to + step, QUARTERS(ab, cd, 4, 12));
  store(to + 2 * step, QUARTERS(ab2, cd2, 0, 8));
  store(to + 3 * step, QUARTERS(ab2, cd2, 4, 12));
#undef QUARTERS
#else
  for (long g = 0; g < 4; g++) {
    for (long p = 0; p < 4; p++) {
      store4(to + g * step + 4 * p, load4(from + p * ld + 4 * g));
    }
  }
#endif
}

/* A multiple of 16 columns. */
static void pack_squares(const float *from, long ld, long count, long k, float *to, long step) {
  long p = 0;
  for (; p + 4 <= k; p += 4) {
    for (long i = 0; i < count; i += 16) {
      pack_square(from + p * ld + i, ld, to + i / 4 * step + 4 * p, step);
    }
  }
  for (; p < k; p++) {
    for (long i = 0; i < count; i += 4) {
      store4(to + i / 4 * step + 4 * p, load4(from + p * ld + i));
    }
  }
}

#define NEIGHBOURS 32 /* columns: of the lines that rows are read in, the second comes with the first */

void pack_columns(const float *from, long ld, long count, long k, float *to, long step) {
  long i = 0;
  for (long some; count - i >= 16; i += some, to += some / 4 * step) {
    some = least(NEIGHBOURS, (count - i) / 16 * 16);
    pack_squares(from + i, ld, some, k, to, step);
  }
  for (; i < count; i += 4, to += step) {
    long some = least(4, count - i);
    for (long p = 0; p < k; p++) {
      for (long j = 0; j < 4; j++) {
        to[4 * p + j] = j < some ? from[p * ld + i + j] : 0;
      }
    }
  }
}

/* Adds k steps to the sums; the loops over groups and vectors disappear, as both are constants. */
INLINE void accumulate(const int groups, const int vectors, long k, const float *a, long step,
                       const float *b, vf sum[TILE_ROWS][TILE_VECTORS]) {
#pragma clang loop unroll_count(2)
  for (long p = 0; p < k; p++) {
    vf column[TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      column[v] = load(b + v * LANES);
    }
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g++) {
#if LANES == 4
      float32x4_t four = vld1q_f32(a + g * step);
#define ROW(r)                                                                                   \
  _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) {                         \
    sum[4 * g + r][v] = (vf)vfmaq_laneq_f32((float32x4_t)sum[4 * g + r][v],                       \
                                            (float32x4_t)column[v], four, r);                    \
  }
      ROW(0) ROW(1) ROW(2) ROW(3)
#undef ROW
#else
#pragma clang loop unroll(full)
      for (int r = 0; r < 4; r++) {
        vf value = splat(a[g * step + r]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
          sum[4 * g + r][v] = fma(value, column[v], sum[4 * g + r][v]);
        }
      }
#endif
    }
    a += 4;
    b += vectors * LANES;
  }
}

#define TILE tile
#include "sized.h"

void tiles(long m, long n, long k, const float *a, long a_step, const float *b, long b_step, long skip,
           int add, float *c, long ldc) {
  long groups = (m + 3) / 4;
  for (long g = 0; g < groups; g += TILE_GROUPS) {
    int tall = (int)least(TILE_GROUPS, groups - g);
    const float *panel = b;
    for (long col = 0; col < n; col += TILE_WIDTH, panel += b_step) {
      int vectors = (int)(round_up(least(TILE_WIDTH, n - col), LANES) / LANES);
      tile(tall, vectors, k, a + g * a_step, a_step, panel + skip * vectors * LANES,
           c + 4 * g * ldc + col, ldc, 1, add);
    }
  }
}
