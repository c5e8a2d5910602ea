/* A product's blocks, whatever its factors are rounded to. See product.c. */
#ifndef MFT_PRODUCT_H
#define MFT_PRODUCT_H

#include "mft.h"
#include "tile.h"

/* mft_multiply with this tile. */
void multiply(tile_function *tile, const float *strips, long rows, const float *panels, long columns,
              long depth, const struct mft_target *target, long row, long col);

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
