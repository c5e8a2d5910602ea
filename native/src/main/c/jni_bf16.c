/* The products of bf16.h for Java: the methods of org.mobilefinetuner.jni.Bf16Library. */
#include "bf16.h"
#include "jni.h"

#define JAVA(type, name) EXPORT type Java_org_mobilefinetuner_jni_Bf16Library_##name

JAVA(int32_t, depth)(HEAD, int32_t k) {
  (void)env, (void)type;
  return (int32_t)mft_bf16_depth(k);
}

JAVA(void, packStrips)(HEAD, FLOATS(a), int32_t ld, uint8_t by_columns, int32_t row, int32_t count,
                       int32_t p, int32_t k, int64_t to) {
  (void)type;
  PIN(a);
  mft_bf16_pack_strips(a, ld, by_columns, row, count, p, k, (float *)to);
  UNPIN(a, ONLY_READ);
}

JAVA(void, packPanels)(HEAD, FLOATS(b), int32_t b_ld, int32_t b_row, int32_t b_col, int64_t matrix,
                       uint8_t transposed, int32_t col, int32_t count, int32_t p, int32_t k, int64_t to,
                       int64_t scratch) {
  (void)type;
  PIN(b);
  struct mft_operand operand = {b, b_ld, b_row, b_col, (const struct mft_matrix *)matrix};
  mft_bf16_pack_panels(&operand, transposed, col, count, p, k, (float *)to, (float *)scratch);
  UNPIN(b, ONLY_READ);
}

JAVA(void, multiply)(HEAD, int64_t strips, int32_t rows, int64_t panels, int32_t columns, int32_t depth,
                     FLOATS(c), int32_t c_ld, uint8_t turned, float alpha, uint8_t add, int32_t row,
                     int32_t col) {
  (void)type;
  PIN(c);
  struct mft_target target = {c, c_ld, turned, alpha, add};
  mft_bf16_multiply((const float *)strips, rows, (const float *)panels, columns, depth, &target, row,
                    col);
  UNPIN(c, WRITTEN);
}
