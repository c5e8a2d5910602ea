/* A product's blocks, whatever its factors are rounded to. See product.c. */
#ifndef MFT_PRODUCT_H
#define MFT_PRODUCT_H

#include "mft.h"
#include "tile.h"

/* How factors are packed and multiplied. `depth` is the floats that a row or column takes then. */
struct arithmetic {
  /*
   * Packs columns `col` to `col + count` of op(B), values p to p + k of each, to panels of TILE_WIDTH
   * columns, the last one as wide as whole vectors.
   */
  void (*pack_panels)(const struct mft_operand *b, int transposed, long col, long count, long p, long k,
                      float *to, float *scratch);
  tile_function *tile;
};

/* mft_multiply in this arithmetic. */
void multiply(const struct arithmetic *how, long depth, const float *packed, long groups,
              const struct mft_operand *b, int transposed, long col, long last_col, long p, long k,
              const struct mft_target *target, long row, long last_row, float *scratch);

/* Where the bytes of a row are. */
const uint8_t *stored_row(const struct mft_matrix *m, long row);

/*
 * Sets `to` to value `col` of row `row` and the `count` rows from there on; 0 if they are to be decoded,
 * being neither float32 nor bfloat16, or lie apart.
 */
int stored_rows(const struct mft_matrix *m, long row, long count, long col, struct rows *to);

INLINE const float *floats_at(const struct mft_operand *b, long row, long col) {
  return b->floats + (row - b->first_row) * b->ld + col - b->first_col;
}

#endif
