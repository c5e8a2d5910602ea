/*
 * Packing and multiplying for Java, once for each arithmetic. Whoever includes this has defined JAVA, the
 * method of a class, and KERNEL, the function that does the work.
 */
JAVA(void, packStrips)(HEAD, FLOATS(a), int32_t ld, uint8_t by_columns, int32_t row, int32_t count,
                       int32_t p, int32_t k, int64_t to) {
  (void)type;
  PIN(a);
  KERNEL(pack_strips)(a, ld, by_columns, row, count, p, k, (float *)to);
  UNPIN(a, ONLY_READ);
}

JAVA(void, packPanels)(HEAD, FLOATS(b), int32_t b_ld, int32_t b_row, int32_t b_col, int64_t matrix,
                       uint8_t transposed, int32_t col, int32_t count, int32_t p, int32_t k, int64_t to,
                       int64_t scratch) {
  (void)type;
  PIN(b);
  struct mft_operand operand = {b, b_ld, b_row, b_col, (const struct mft_matrix *)matrix};
  KERNEL(pack_panels)(&operand, transposed, col, count, p, k, (float *)to, (float *)scratch);
  UNPIN(b, ONLY_READ);
}

JAVA(void, multiply)(HEAD, int64_t strips, int32_t rows, int64_t panels, int32_t columns, int32_t depth,
                     FLOATS(c), int32_t c_ld, uint8_t turned, float alpha, uint8_t add, int32_t row,
                     int32_t col) {
  (void)type;
  PIN(c);
  struct mft_target target = {c, c_ld, turned, alpha, add};
  KERNEL(multiply)((const float *)strips, rows, (const float *)panels, columns, depth, &target, row, col);
  UNPIN(c, WRITTEN);
}
