/*
 * Matrix products: C = beta*C + alpha*op(A)*op(B), packed and blocked.
 *
 * The scheme is that of BLIS (Van Zee, van de Geijn: BLIS, a framework for rapidly instantiating BLAS
 * functionality, 2015). op(A) is packed to strips of four rows, op(B) to panels as wide as a tile.
 * Panels that stay in the second cache meet one strip after the other, and each strip stays in the
 * first cache meanwhile. What lies in a file in another format is widened on the way into the panel, a
 * few rows at a time.
 *
 * The bits of an element of C are a function of its row of A, its column of B and K: the caller cuts
 * K into chunks by its length alone, and each is summed in order by a tile. Threads, blocks, edges
 * and the number of rows do not matter.
 */
#include "product.h"

#include "functions.h"

#define DECODED_COLUMNS 128 /* decoded at a time of each row, if transposed */
#define DECODED_ROWS 8      /* otherwise */

EXPORT int mft_tile_rows(void) { return TILE_ROWS; }

EXPORT int mft_tile_columns(void) { return TILE_WIDTH; }

EXPORT int mft_lanes(void) { return LANES; }

EXPORT void mft_pack_strips(const float *a, long ld, int by_columns, long row, long count, long p,
                            long k, float *to) {
  if (by_columns) {
    pack_columns(a + p * ld + row, ld, count, k, to, 4 * k);
  } else {
    pack_rows(a + row * ld + p, ld, count, k, to, 4 * k);
  }
}

/* Whether `count` rows of B can be packed as they are, from value `col` of row `row` on: at `to`. */
static int rows_at(const struct mft_operand *b, long row, long count, long col, struct rows *to) {
  if (b->stored) {
    return stored_rows(b->stored, row, count, col, to);
  }
  *to = float_rows(floats_at(b, row, col), b->ld);
  return 1;
}

/* A panel of columns of Bᵀ: rows of B. */
static void panel_of_rows(const struct mft_operand *b, long row, long count, long p, long k,
                          float *to, float *scratch) {
  long wide = round_up(count, LANES);
  struct rows from;
  if (rows_at(b, row, count, p, &from)) {
    pack_turned(from, count, k, to, wide);
    return;
  }
  from = float_rows(scratch, DECODED_COLUMNS);
  for (long i = 0; i < k; i += DECODED_COLUMNS) {
    long some = least(DECODED_COLUMNS, k - i);
    for (long j = 0; j < count; j++) {
      mft_decode(b->stored, row + j, p + i, some, scratch + j * DECODED_COLUMNS);
    }
    pack_turned(from, count, some, to + i * wide, wide);
  }
}

/* Panels of columns of B, a few rows at a time. */
static void panels_of_columns(const struct mft_operand *b, long col, long count, long p, long k,
                              float *to, float *scratch) {
  for (long i = 0; i < k; i += DECODED_ROWS) {
    long some = least(DECODED_ROWS, k - i);
    struct rows from;
    if (!rows_at(b, p + i, some, col, &from)) {
      for (long r = 0; r < some; r++) {
        mft_decode(b->stored, p + i + r, col, count, scratch + r * count);
      }
      from = float_rows(scratch, count);
    }
    for (long j = 0; j < count; j += TILE_WIDTH) {
      long width = least(TILE_WIDTH, count - j);
      long wide = round_up(width, LANES);
      pack_straight(from, width, some, to + j * k + i * wide, wide);
      from.first += from.size * TILE_WIDTH;
    }
  }
}

EXPORT long mft_pack_panels_floats(long columns) {
  long decoded = DECODED_ROWS * columns;
  return decoded < TILE_WIDTH * DECODED_COLUMNS ? TILE_WIDTH * DECODED_COLUMNS : decoded;
}

EXPORT void mft_pack_panels(const struct mft_operand *b, int transposed, long col, long count, long p,
                            long k, float *to, float *scratch) {
  if (!transposed) {
    panels_of_columns(b, col, count, p, k, to, scratch);
    return;
  }
  for (long j = 0; j < count; j += TILE_WIDTH) {
    panel_of_rows(b, col + j, least(TILE_WIDTH, count - j), p, k, to + j * k, scratch);
  }
}

/* Takes a tile that overhangs C, or is turned. */
static void put_tile(const float *from, long ld, const struct mft_target *t, long row, long col,
                     long high, long wide) {
  for (long i = 0; i < high; i++) {
    for (long j = 0; j < wide; j++) {
      float *to = t->c + (t->turned ? (col + j) * t->ld + row + i : (row + i) * t->ld + col + j);
      float value = from[i * ld + j];
      *to = t->add ? *to + value : value;
    }
  }
}

/* Brings the part of C that a tile will be added to near while the tile is computed. */
static void prefetch(const struct mft_target *t, long row, long col, long high, long wide) {
  long lines = t->turned ? wide : high;
  const float *at = t->turned ? t->c + col * t->ld + row : t->c + row * t->ld + col;
  long across = t->turned ? high : wide;
  for (long i = 0; i < lines; i++, at += t->ld) {
    __builtin_prefetch(at, 1);
    __builtin_prefetch(at + across - 1, 1);
  }
}

void multiply(tile_function *tile, const float *strips, long rows, const float *panels, long columns,
              long depth, const struct mft_target *target, long row, long col) {
  float overhang[TILE_FLOATS];
  for (long i = 0; i < rows; i += TILE_ROWS) {
    int groups = (int)least(TILE_GROUPS, (rows - i + 3) / 4);
    long high = least(4 * groups, rows - i);
    const float *strip = strips + i * depth;
    for (long j = 0; j < columns; j += TILE_WIDTH) {
      long wide = least(TILE_WIDTH, columns - j);
      int vectors = (int)(round_up(wide, LANES) / LANES);
      const float *panel = panels + j * depth;
      prefetch(target, row + i, col + j, high, wide);
      if (!target->turned && high == 4 * groups && wide == vectors * LANES) {
        tile(groups, vectors, depth, strip, 4 * depth, panel,
             target->c + (row + i) * target->ld + col + j, target->ld, target->alpha, target->add);
      } else {
        tile(groups, vectors, depth, strip, 4 * depth, panel, overhang, TILE_WIDTH, target->alpha, 0);
        put_tile(overhang, TILE_WIDTH, target, row + i, col + j, high, wide);
      }
    }
  }
}

EXPORT void mft_multiply(const float *strips, long rows, const float *panels, long columns, long depth,
                         const struct mft_target *target, long row, long col) {
  multiply(tile, strips, rows, panels, columns, depth, target, row, col);
}

/*
 * y = x*Bᵀ for a single row x of k values, for rows `row` to `last_row` of B: each weight is read
 * once, in the order of memory. `scratch` holds k floats.
 */
EXPORT void mft_row_nt(const float *x, const struct mft_operand *b, long k, long row, long last_row,
                       float *y, float *scratch) {
  for (long j = row; j < last_row; j++) {
    const float *weights = scratch;
    if (b->stored) {
      mft_decode(b->stored, j, 0, k, scratch);
    } else {
      weights = floats_at(b, j, 0);
    }
    y[j] = dot(x, weights, k);
  }
}

/* Floats of working memory for `columns` columns. */
EXPORT long mft_row_nn_floats(long columns) { return DECODED_ROWS * columns; }

/* y = x*B for a single row x, for columns `col` to `last_col`; summed in the order of B's k rows. */
EXPORT void mft_row_nn(const float *x, const struct mft_operand *b, long k, long col, long last_col,
                       float *y, float *scratch) {
  long n = last_col - col;
  for (long p = 0; p < k; p += DECODED_ROWS) {
    long rows = least(DECODED_ROWS, k - p);
    const float *from = scratch;
    long ld = n;
    if (b->stored) {
      for (long r = 0; r < rows; r++) {
        mft_decode(b->stored, p + r, col, n, scratch + r * n);
      }
    } else {
      from = floats_at(b, p, col);
      ld = b->ld;
    }
    EACH_VECTOR(i, left, n) {
      vf sum = p == 0 ? splat(0) : take(y + col + i, left);
      for (long r = 0; r < rows; r++) {
        sum = fma(splat(x[p + r]), take(from + r * ld + i, left), sum);
      }
      put(y + col + i, left, sum);
    }
  }
}
