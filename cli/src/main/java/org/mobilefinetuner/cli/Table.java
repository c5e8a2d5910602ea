package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows of text under each other, columns as wide as they need to be. */
final class Table {
  private final List<String[]> rows = new ArrayList<>();
  private final boolean[] right;

  /**
   * @param head the names of the columns; those that start with {@code >} are aligned to the right
   */
  Table(String... head) {
    right = new boolean[head.length];
    String[] names = new String[head.length];
    for (int i = 0; i < head.length; i++) {
      right[i] = head[i].startsWith(">");
      names[i] = right[i] ? head[i].substring(1) : head[i];
    }
    rows.add(names);
  }

  void row(String... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(
          "expected " + right.length + " cells, found " + cells.length);
    }
    rows.add(cells.clone());
  }

  void print(PrintWriter out) {
    int[] width = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < width.length; i++) {
        String space = " ".repeat(width[i] - row[i].length());
        line.append(right[i] ? space + row[i] : row[i] + space).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
