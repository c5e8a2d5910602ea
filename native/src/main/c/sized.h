/*
 * A function for each size of a tile, and TILE, which chooses among them. Whoever includes this has
 * defined `accumulate`, which adds up the products of a tile.
 */
#include "tile.h"

INLINE void sized(const int groups, const int vectors, long depth, const float *a, long step,
                  const float *b, float *c, long ldc, float alpha, int add) {
  vf sum[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < 4 * groups; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      sum[r][v] = splat(0);
    }
  }
  accumulate(groups, vectors, depth, a, step, b, sum);
  vf factor = splat(alpha);
#pragma clang loop unroll(full)
  for (int r = 0; r < 4 * groups; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      float *to = c + r * ldc + v * LANES;
      vf value = factor * sum[r][v];
      store(to, add ? load(to) + value : value);
    }
  }
}

/* Each size is a function of its own, so that each has the registers to itself. */
#define SIZE(groups, vectors)                                                                     \
  static __attribute__((noinline)) void tile_##groups##_##vectors(                                \
      long depth, const float *a, long step, const float *b, float *c, long ldc, float alpha,     \
      int add) {                                                                                  \
    sized(groups, vectors, depth, a, step, b, c, ldc, alpha, add);                                \
  }
#define CASE(groups, vectors)                                                                     \
  case groups * 4 + vectors:                                                                      \
    tile_##groups##_##vectors(depth, a, step, b, c, ldc, alpha, add);                             \
    return;

#if LANES == 4
#define SIZES(S) S(2, 3) S(2, 2) S(2, 1) S(1, 3) S(1, 2) S(1, 1)
#elif LANES == 16
#define SIZES(S) S(3, 2) S(3, 1) S(2, 2) S(2, 1) S(1, 2) S(1, 1)
#else
#define SIZES(S) S(1, 3) S(1, 2) S(1, 1)
#endif

SIZES(SIZE)

void TILE(int groups, int vectors, long depth, const float *a, long step, const float *b, float *c,
          long ldc, float alpha, int add) {
  switch (groups * 4 + vectors) { SIZES(CASE) }
}
