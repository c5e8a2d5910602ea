/* Packing and multiplying tiles: what products and attention share. See tile.c. */
#ifndef MFT_TILE_H
#define MFT_TILE_H

#include "simd.h"

/* Groups of four rows, and vectors, of a tile of C: as many sums as registers hold. */
#if LANES == 4
#define TILE_GROUPS 2
#define TILE_VECTORS 3
#elif LANES == 16
#define TILE_GROUPS 3
#define TILE_VECTORS 2
#else
#define TILE_GROUPS 1
#define TILE_VECTORS 3
#endif

#define TILE_ROWS (4 * TILE_GROUPS)
#define TILE_WIDTH (TILE_VECTORS * LANES)
#define TILE_FLOATS (TILE_ROWS * TILE_WIDTH)

/*
 * Where numbers are: in rows `step` bytes apart, `size` bytes each, 4 for float32, or 2 for bfloat16,
 * which packing widens.
 */
struct rows {
  const uint8_t *first;
  long step;
  long size;
};

/* Rows of float32, `ld` floats apart. */
INLINE struct rows float_rows(const float *first, long ld) {
  return (struct rows){(const uint8_t *)first, 4 * ld, 4};
}

/*
 * Packs `count` rows of k values, as columns: to[p*wide + j] is value p of row j, 0 for j from `count`
 * to `wide`, a multiple of four.
 */
void pack_turned(struct rows from, long count, long k, float *to, long wide);

/* Packs k rows of `count` values: to[p*wide + j] is value j of row p, 0 for j from `count` to `wide`. */
void pack_straight(struct rows from, long count, long k, float *to, long wide);

/* pack_turned of groups of four rows, each `step` behind the one before. */
void pack_rows(const float *from, long ld, long count, long k, float *to, long step);

/* pack_straight of groups of four columns, each `step` behind the one before. */
void pack_columns(const float *from, long ld, long count, long k, float *to, long step);

/*
 * c = alpha*A*B, or c += alpha*A*B, for `groups` groups of four rows, `step` apart in `a`, and a panel
 * of `vectors` vectors in `b`, summed over what `depth` floats of each row and column hold.
 */
typedef void tile_function(int groups, int vectors, long depth, const float *a, long step,
                           const float *b, float *c, long ldc, float alpha, int add);

/* The tile of floats: `depth` is the number of products. */
tile_function tile;

/*
 * Tiles of a small product in working memory that is padded to whole tiles: of m rows rounded up to
 * four, and n columns rounded up to vectors. Panels are b_step apart; `skip` of their rows are passed
 * over.
 */
void tiles(long m, long n, long k, const float *a, long a_step, const float *b, long b_step, long skip,
           int add, float *c, long ldc);

#endif
