package org.mobilefinetuner.ops;

import java.util.Arrays;

/**
 * The different rows of a table that tokens ask for.
 *
 * @param rows their numbers, which ascend
 * @param places where among them each token's row is
 */
record TableRows(int[] rows, int[] places) {
  static TableRows of(int[] ids) {
    int[] rows = Arrays.stream(ids).sorted().distinct().toArray();
    int[] places = new int[ids.length];
    for (int t = 0; t < ids.length; t++) {
      places[t] = Arrays.binarySearch(rows, ids[t]);
    }
    return new TableRows(rows, places);
  }

  /** {@code count} rows from the one numbered {@code from} on. */
  static int[] range(int from, int count) {
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = from + i;
    }
    return rows;
  }
}
