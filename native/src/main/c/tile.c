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

INLINE void turn4(const float *from, long ld, float *to, long wide) {
  typedef float v4 __attribute__((vector_size(16)));
  typedef float u4 __attribute__((vector_size(16), aligned(1)));
  v4 a = *(const u4 *)from;
  v4 b = *(const u4 *)(from + ld);
  v4 c = *(const u4 *)(from + 2 * ld);
  v4 d = *(const u4 *)(from + 3 * ld);
  v4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  v4 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  v4 ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  v4 cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(u4 *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *(u4 *)(to + wide) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *(u4 *)(to + 2 * wide) = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
  *(u4 *)(to + 3 * wide) = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
}

void pack_turned(const float *from, long ld, long count, long k, float *to, long wide) {
  long whole = count / 4 * 4;
  for (long j = 0; j < whole; j += 4) {
    long p = 0;
    for (; p + 4 <= k; p += 4) {
      turn4(from + j * ld + p, ld, to + p * wide + j, wide);
    }
    for (; p < k; p++) {
      for (long i = j; i < j + 4; i++) {
        to[p * wide + i] = from[i * ld + p];
      }
    }
  }
  for (long p = 0; p < k && whole < wide; p++) {
    for (long j = whole; j < wide; j++) {
      to[p * wide + j] = j < count ? from[j * ld + p] : 0;
    }
  }
}

void pack_straight(const float *from, long ld, long count, long k, float *to, long wide) {
  for (long p = 0; p < k; p++) {
    const float *row = from + p * ld;
    float *out = to + p * wide;
    long j = 0;
    for (; j + LANES <= count; j += LANES) {
      store(out + j, load(row + j));
    }
    for (; j < count; j++) {
      out[j] = row[j];
    }
    for (; j < wide; j++) {
      out[j] = 0;
    }
  }
}

void pack_rows(const float *from, long ld, long count, long k, float *to, long step) {
  for (long i = 0; i < count; i += 4, to += step) {
    pack_turned(from + i * ld, ld, least(4, count - i), k, to, 4);
  }
}

void pack_columns(const float *from, long ld, long count, long k, float *to, long step) {
  for (long i = 0; i < count; i += 4, to += step) {
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
