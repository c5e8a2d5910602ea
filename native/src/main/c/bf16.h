/*
 * Products whose factors are rounded to bfloat16 and added up in float32, for processors that have
 * instructions for that: x86-64 with AVX512_BF16, arm64 with BF16. Everything else is as in mft.h.
 */
#ifndef MFT_BF16_H
#define MFT_BF16_H

#include "mft.h"

/* The floats whose room k values take when packed. */
long mft_bf16_depth(long k);

/* As in mft.h, but that a packed row or column takes mft_bf16_depth(k) floats. */
void mft_bf16_pack_strips(const float *a, long ld, int by_columns, long row, long count, long p, long k,
                          float *to);
void mft_bf16_pack_panels(const struct mft_operand *b, int transposed, long col, long count, long p,
                          long k, float *to, float *scratch);
void mft_bf16_multiply(const float *strips, long rows, const float *panels, long columns, long depth,
                       const struct mft_target *target, long row, long col);

#endif
