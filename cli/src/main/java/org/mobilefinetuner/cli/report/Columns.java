package org.mobilefinetuner.cli.report;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.mobilefinetuner.io.JsonObject;

/** The numbers of many lines of a log, by key; NaN where a line does not have the key. */
final class Columns {
  private final Map<String, double[]> columns = new TreeMap<>();
  private int rows;

  /** Adds a line. */
  void add(JsonObject line) {
    for (String key : line.keys()) {
      if (line.get(key) instanceof Number number) {
        double[] column = columns.computeIfAbsent(key, k -> new double[0]);
        if (column.length <= rows) {
          int before = column.length;
          column = Arrays.copyOf(column, Math.max(64, 2 * rows));
          Arrays.fill(column, before, column.length, Double.NaN);
          columns.put(key, column);
        }
        column[rows] = number.doubleValue();
      }
    }
    rows++;
  }

  int rows() {
    return rows;
  }

  /** Whether any line has the key. */
  boolean has(String key) {
    return columns.containsKey(key);
  }

  /** The value of a line; NaN if it has none. */
  double get(String key, int row) {
    double[] column = columns.get(key);
    return column == null || row >= column.length ? Double.NaN : column[row];
  }

  /** The value of the last line that has the key; NaN if none has. */
  double last(String key) {
    for (int row = rows - 1; row >= 0; row--) {
      if (!Double.isNaN(get(key, row))) {
        return get(key, row);
      }
    }
    return Double.NaN;
  }

  /** The largest value; NaN if there is none. */
  double max(String key) {
    double max = Double.NaN;
    for (int row = 0; row < rows; row++) {
      double value = get(key, row);
      max = Double.isNaN(max) || value > max ? value : max;
    }
    return max;
  }
}
