/*
 * Products whose factors are rounded to bfloat16 and added up in float32, for processors that have
 * instructions for that: x86-64 with AVX512_BF16, arm64 with BF16. Everything else is as in mft.h.
 */
#ifndef MFT_BF16_H
#define MFT_BF16_H

#include "mft.h"

/* The floats whose room k values take when packed. */
long mft_bf16_depth(long k);

/* mft_pack and mft_multiply; groups are 4*mft_bf16_depth(k) floats apart. */
void mft_bf16_pack(const float *a, long ld, int by_columns, long row, long count, long p, long k,
                   float *to);
void mft_bf16_multiply(const float *packed, long groups, const struct mft_operand *b, int transposed,
                       long col, long last_col, long p, long k, const struct mft_target *target,
                       long row, long last_row, float *scratch);

#endif
