/*
 * Decoding the rows of a matrix that lies in a file. The values are those that Java's Matrix.read
 * gives, bit for bit: a code times its scale is exact in float32, and so is every 16-bit number.
 */
#include "product.h"
#include "simd.h"

#define GROUP 64 /* neighbours that share a scale */

typedef int8_t bytes __attribute__((vector_size(LANES), aligned(1)));

const uint8_t *stored_row(const struct mft_matrix *m, long row) {
  long at = m->first_row + row;
  return m->address[at / m->window_rows] + at % m->window_rows * m->row_bytes;
}

int stored_rows(const struct mft_matrix *m, long row, long count, long col, struct rows *to) {
  long in_window = (m->first_row + row) % m->window_rows;
  long size = m->format == MFT_BF16 ? 2 : 4;
  if ((size == 4 && m->format != MFT_F32) || in_window + count > m->window_rows) {
    return 0;
  }
  *to = (struct rows){stored_row(m, row) + size * col, m->row_bytes, size};
  return 1;
}

/*
 * A float16's exponent and fraction, moved to where a float32 has them, lack 112 in the exponent: a
 * product adds it, and normalises what was subnormal. Infinity and what is no number come apart.
 */
INLINE vf half_values(vi half) {
  vi magnitude = (half & 0x7fff) << 13;
  vf finite = (vf)magnitude * splat(0x1p112f);
  vi endless = magnitude >= (0x7c00 << 13);
  vf value = select(endless, (vf)(magnitude | 0x7f800000), finite);
  return (vf)((vi)value | (half & 0x8000) << 16);
}

/* The same of one: through memory and a vector it would take as long as a group of codes. */
INLINE float half_value(const uint8_t *from) {
  uint32_t half = (uint32_t)from[0] | (uint32_t)from[1] << 8;
  uint32_t magnitude = (half & 0x7fff) << 13;
  float finite = float_of(magnitude) * 0x1p112f;
  uint32_t value = magnitude >= 0x7c00 << 13 ? magnitude | 0x7f800000 : bits_of(finite);
  return float_of(value | (half & 0x8000) << 16);
}

static void decode_f32(const uint8_t *from, long n, float *to) {
  EACH_VECTOR(i, left, n) { put(to + i, left, take((const float *)(from + 4 * i), left)); }
}

INLINE void decode_halves(const uint8_t *from, long n, float *to, const int bf16) {
  EACH_VECTOR(i, left, n) {
    vi wide;
    if (left >= LANES) {
      wide = widened(from + 2 * i);
    } else {
      uint8_t some[2 * LANES] = {0};
      for (long j = 0; j < 2 * left; j++) {
        some[j] = from[2 * i + j];
      }
      wide = widened(some);
    }
    put(to + i, left, bf16 ? (vf)(wide << 16) : half_values(wide));
  }
}

INLINE void decode_bytes(const uint8_t *from, long n, float scale, float *to) {
  long i = 0;
  for (; i + LANES <= n; i += LANES) {
    vi code = __builtin_convertvector(*(const bytes *)(from + i), vi);
    store(to + i, __builtin_convertvector(code, vf) * splat(scale));
  }
  for (; i < n; i++) {
    to[i] = (float)(int8_t)from[i] * scale;
  }
}

/* n codes of four bits, in the lower or the upper half of n bytes. */
INLINE void decode_nibbles(const uint8_t *from, long n, int upper, float scale, float *to) {
  long i = 0;
  for (; i + LANES <= n; i += LANES) {
    vi code = __builtin_convertvector(*(const bytes *)(from + i), vi);
    code = upper ? code >> 4 : code << 28 >> 28;
    store(to + i, __builtin_convertvector(code, vf) * splat(scale));
  }
  for (; i < n; i++) {
    int code = (int8_t)from[i];
    to[i] = (float)(upper ? code >> 4 : ((code & 15) ^ 8) - 8) * scale;
  }
}

/* Values `from` to `to` of a group of `size`, whose first half lies in the lower four bits. */
static void decode_int4(const uint8_t *codes, long size, long from, long to, float scale, float *out) {
  long half = (size + 1) / 2;
  if (from < half) {
    decode_nibbles(codes + from, least(half, to) - from, 0, scale, out);
  }
  if (to > half) {
    long first = from > half ? from : half;
    decode_nibbles(codes + first - half, to - first, 1, scale, out + first - from);
  }
}

/* All of a group: the loops disappear. */
INLINE void decode_group(const uint8_t *codes, int int8, float scale, float *to) {
  if (int8) {
    decode_bytes(codes, GROUP, scale, to);
  } else {
    decode_nibbles(codes, GROUP / 2, 0, scale, to);
    decode_nibbles(codes, GROUP / 2, 1, scale, to + GROUP / 2);
  }
}

static void decode_codes(const struct mft_matrix *m, long row, long col, long n, float *to) {
  const uint8_t *codes = stored_row(m, row);
  long at = m->scale_first_row + row;
  const uint8_t *scales = m->address[m->windows + at / m->scale_window_rows] +
                          at % m->scale_window_rows * m->scale_row_bytes;
  for (long done = 0; done < n;) {
    long first = (col + done) / GROUP * GROUP;
    long size = least(GROUP, m->cols - first);
    long from = col + done - first;
    long some = least(size - from, n - done);
    float scale = half_value(scales + first / GROUP * 2);
    int int8 = m->format == MFT_INT8;
    if (some == GROUP) {
      decode_group(codes + (int8 ? first : first / 2), int8, scale, to + done);
    } else if (int8) {
      decode_bytes(codes + first + from, some, scale, to + done);
    } else {
      decode_int4(codes + first / 2, size, from, from + some, scale, to + done);
    }
    done += some;
  }
}

EXPORT void mft_decode(const struct mft_matrix *m, long row, long col, long n, float *to) {
  if (m->format == MFT_F32) {
    decode_f32(stored_row(m, row) + 4 * col, n, to);
  } else if (m->format == MFT_BF16) {
    decode_halves(stored_row(m, row) + 2 * col, n, to, 1);
  } else if (m->format == MFT_F16) {
    decode_halves(stored_row(m, row) + 2 * col, n, to, 0);
  } else {
    decode_codes(m, row, col, n, to);
  }
}

/* y[t] = scale*table[ids[t]], or added to y[t]; `scratch` holds d floats. */
EXPORT void mft_gather(const struct mft_operand *table, const int32_t *ids, long count, long d,
                       float scale, int add, float *y, float *scratch) {
  for (long t = 0; t < count; t++, y += d) {
    const float *row = scratch;
    if (table->stored) {
      mft_decode(table->stored, ids[t], 0, d, scratch);
    } else {
      row = table->floats + ids[t] * table->ld;
    }
    mft_axpy(scale, row, add, y, d);
  }
}
