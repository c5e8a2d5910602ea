/*
 * Products of numbers rounded to bfloat16.
 *
 * Packed is as in product.c, except that what took a float there holds a unit here: as many
 * neighbours along K, rounded to the nearest and ties to even, as the instruction adds up at once. A
 * unit beyond K's end is filled with zeros.
 *
 *   AVX512_BF16  VDPBF16PS, units of 2: 12 rows x 32 columns, 24 instructions to 14 loads; each lane
 *                adds two products to its sum
 *   BF16 of arm  BFMMLA, units of 4: 8 rows x 12 columns, 24 instructions to 10 loads; each adds four
 *                products to each of 2 x 2 sums
 *
 * What is smaller than a float32's least normal number counts as 0 on both. Sums are float32, in the
 * order of K, so that an element's bits are again a function of its row, its column and K.
 */
#include "bf16.h"

#include "product.h"

#define PIECE 128 /* values of a row that are rounded at a time, if they are turned */
#define BLOCK 64  /* columns of A that are packed at a time */

#if LANES == 16
#define VALUES 2

INLINE void accumulate(const int groups, const int vectors, long depth, const float *a, long step,
                       const float *b, vf sum[TILE_ROWS][TILE_VECTORS]) {
#pragma clang loop unroll_count(2)
  for (long p = 0; p < depth; p++) {
    vf column[TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      column[v] = load(b + v * LANES);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < 4 * groups; r++) {
      vf value = splat(a[r / 4 * step + r % 4]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) {
        sum[r][v] = _mm512_dpbf16_ps(sum[r][v], (__m512bh)value, (__m512bh)column[v]);
      }
    }
    a += 4;
    b += vectors * LANES;
  }
}

/* to[p*wide + j] = unit p of row j, 0 for j from `count` to `wide`. */
INLINE void turn(const uint16_t *from, long ld, long count, long units, float *to, long wide) {
  pack_turned((struct rows){(const uint8_t *)from, 2 * ld, 4}, count, units, to, wide);
}

/* Units of `wide` columns, whole vectors, from rows `ld` apart. */
INLINE void interleave(const uint16_t *from, long ld, long wide, float *to) {
  for (long j = 0; j < wide; j += LANES) {
    store(to + j, (vf)(widened(from + j) | widened(from + ld + j) << 16));
  }
}
#else
#define VALUES 4

/* The sums of two rows and two columns are a register; they come apart in the end. */
INLINE void accumulate(const int groups, const int vectors, long depth, const float *a, long step,
                       const float *b, vf sum[TILE_ROWS][TILE_VECTORS]) {
  float32x4_t four[TILE_ROWS / 2][2 * TILE_VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < 2 * groups; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < 2 * vectors; v++) {
      four[r][v] = vdupq_n_f32(0);
    }
  }
  for (long p = 0; p < depth; p += VALUES / 2) {
    bfloat16x8_t columns[2 * TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < 2 * vectors; v++) {
      columns[v] = vreinterpretq_bf16_f32(vld1q_f32(b + 4 * v));
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < 2 * groups; r++) {
      bfloat16x8_t rows = vreinterpretq_bf16_f32(vld1q_f32(a + r / 2 * step + r % 2 * 4));
#pragma clang loop unroll(full)
      for (int v = 0; v < 2 * vectors; v++) {
        four[r][v] = vbfmmlaq_f32(four[r][v], rows, columns[v]);
      }
    }
    a += 8;
    b += 2 * vectors * LANES;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < 2 * groups; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      float32x4_t left = four[r][2 * v], right = four[r][2 * v + 1];
      sum[2 * r][v] = (vf)vcombine_f32(vget_low_f32(left), vget_low_f32(right));
      sum[2 * r + 1][v] = (vf)vcombine_f32(vget_high_f32(left), vget_high_f32(right));
    }
  }
}

/* to[p*wide + j] = unit p of row j, 0 for j from `count` to `wide`. */
INLINE void turn(const uint16_t *from, long ld, long count, long units, float *to, long wide) {
  typedef uint64_t unit __attribute__((aligned(2), may_alias));
  unit *out = (unit *)to;
  for (long j = 0; j < wide; j++) {
    const unit *row = (const unit *)(from + j * ld);
    for (long p = 0; p < units; p++) {
      out[p * wide + j] = j < count ? row[p] : 0;
    }
  }
}

/* Units of `wide` columns, whole vectors, from rows `ld` apart. */
INLINE void interleave(const uint16_t *from, long ld, long wide, float *to) {
  for (long j = 0; j < wide; j += LANES, from += LANES, to += 2 * LANES) {
    vi front = widened(from) | widened(from + ld) << 16;
    vi back = widened(from + 2 * ld) | widened(from + 3 * ld) << 16;
    store(to, (vf)__builtin_shufflevector(front, back, 0, 4, 1, 5));
    store(to + LANES, (vf)__builtin_shufflevector(front, back, 2, 6, 3, 7));
  }
}
#endif

#define TILE tile_of_bf16
static tile_function TILE;
#include "sized.h"

EXPORT long mft_bf16_depth(long k) { return round_up(k, VALUES) / 2; }

/* What is not a number stays so: rounding up could make an infinity of it. */
INLINE vi rounded(vf x) {
  vi bits = (vi)x;
  vi nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  vi nan = (bits & 0x7fffffff) > 0x7f800000;
  return (nan & (bits >> 16 | 0x40)) | (~nan & nearest);
}

/* n values of a row of a matrix, rounded, and zeros up to a multiple of `unit`. */
static void round_row(const struct mft_operand *b, long row, long col, long n, long unit,
                      uint16_t *to, float *scratch) {
  if (b->stored && b->stored->format == MFT_BF16) {
    const uint16_t *from = (const uint16_t *)stored_row(b->stored, row) + col;
    for (long i = 0; i < n; i++) {
      to[i] = from[i];
    }
  } else {
    const float *from = scratch;
    if (b->stored) {
      mft_decode(b->stored, row, col, n, scratch);
    } else {
      from = floats_at(b, row, col);
    }
    long i = 0;
    for (; i + LANES <= n; i += LANES) {
      *(halves *)(to + i) = __builtin_convertvector(rounded(load(from + i)), halves);
    }
    vi rest = rounded(take(from + i, n - i));
    for (long j = 0; i + j < n; j++) {
      to[i + j] = (uint16_t)rest[j];
    }
  }
  for (long i = n; i < round_up(n, unit); i++) {
    to[i] = 0;
  }
}

/* Rows of a matrix, turned: `wide` of them beside each other, of which `count` are there. */
static void turn_rows(const struct mft_operand *b, long row, long count, long p, long k, float *to,
                      long wide, uint16_t *values, float *scratch) {
  struct rows from;
  if (b->stored && k % VALUES == 0 && stored_rows(b->stored, row, count, p, &from) && from.size == 2) {
    turn((const uint16_t *)from.first, from.step / 2, count, k / VALUES, to, wide);
    return;
  }
  for (long i = 0; i < k; i += PIECE) {
    long some = least(PIECE, k - i);
    for (long j = 0; j < count; j++) {
      round_row(b, row + j, p + i, some, VALUES, values + j * PIECE, scratch);
    }
    turn(values, PIECE, count, round_up(some, VALUES) / VALUES, to + mft_bf16_depth(i) * wide, wide);
  }
}

/* The next rows of a unit, `ld` apart; those from `k` on are zeros. */
static void round_rows(const struct mft_operand *b, long row, long k, long col, long n, long ld,
                       uint16_t *values, float *scratch) {
  for (long r = 0; r < VALUES; r++) {
    if (r < k) {
      round_row(b, row + r, col, n, LANES, values + r * ld, scratch);
    } else {
      for (long j = 0; j < ld; j++) {
        values[r * ld + j] = 0;
      }
    }
  }
}

EXPORT void mft_bf16_pack_strips(const float *a, long ld, int by_columns, long row, long count, long p,
                                 long k, float *to) {
  struct mft_operand all = {a, ld, 0, 0, 0};
  long step = 4 * mft_bf16_depth(k);
  uint16_t values[4 * PIECE];
  if (!by_columns) {
    for (long i = 0; i < count; i += 4, to += step) {
      turn_rows(&all, row + i, least(4, count - i), p, k, to, 4, values, 0);
    }
    return;
  }
  const long group = 4 * VALUES / 2; /* floats of the units of four columns */
  for (long j = 0; j < count; j += BLOCK, to += BLOCK / 4 * step) {
    long some = least(BLOCK, count - j);
    for (long i = 0; i < k; i += VALUES) {
      float units[BLOCK * VALUES / 2];
      round_rows(&all, p + i, k - i, row + j, some, BLOCK, values, 0);
      interleave(values, BLOCK, round_up(some, LANES), units);
      for (long g = 0; 4 * g < some; g++) {
        for (long u = 0; u < group; u++) {
          to[g * step + 4 * mft_bf16_depth(i) + u] = units[g * group + u];
        }
      }
    }
  }
}

EXPORT void mft_bf16_pack_panels(const struct mft_operand *b, int transposed, long col, long count,
                                 long p, long k, float *to, float *scratch) {
  long depth = mft_bf16_depth(k);
  if (transposed) {
    for (long j = 0; j < count; j += TILE_WIDTH) {
      long width = least(TILE_WIDTH, count - j);
      turn_rows(b, col + j, width, p, k, to + j * depth, round_up(width, LANES),
                (uint16_t *)(scratch + PIECE), scratch);
    }
    return;
  }
  long ld = round_up(count, LANES);
  uint16_t *values = (uint16_t *)(scratch + ld);
  for (long i = 0; i < k; i += VALUES) {
    round_rows(b, p + i, k - i, col, count, ld, values, scratch);
    for (long j = 0; j < count; j += TILE_WIDTH) {
      long wide = round_up(least(TILE_WIDTH, count - j), LANES);
      interleave(values + j, ld, wide, to + j * depth + mft_bf16_depth(i) * wide);
    }
  }
}

EXPORT void mft_bf16_multiply(const float *strips, long rows, const float *panels, long columns,
                              long depth, const struct mft_target *target, long row, long col) {
  multiply(tile_of_bf16, strips, rows, panels, columns, depth, target, row, col);
}
