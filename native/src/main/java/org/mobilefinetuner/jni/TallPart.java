package org.mobilefinetuner.jni;

import org.mobilefinetuner.kernel.Blocks;

/**
 * A part with more rows than columns: the columns are packed at once, tasks take rows. What a core
 * packs of a long A is then never needed by another one; between caches the columns move alone.
 */
final class TallPart extends ProductPart {
  private static final int TASK_ROWS = 72; // at most: whole tiles, which stay in the second cache
  private static final int TASK_PANELS = 8; // packed by a task, at most

  private final Blocks panels;
  private final Blocks tiles;

  TallPart(
      Product.Operands operands, Arithmetic arithmetic, Range range, Product.Workspace workspace) {
    super(operands, arithmetic, range, workspace);
    int threads = workspace.parallel().threads();
    panels = new Blocks(panels(columns()), threads, TASK_PANELS);
    tiles = new Blocks((rows() + TILE_ROWS - 1) / TILE_ROWS, threads, TASK_ROWS / TILE_ROWS);
  }

  /** Whether this is the better way. For a single thread it is not: its A has to go nowhere. */
  static boolean suits(int threads, int rows, int columns, int chunk, Product.Caches caches) {
    return threads > 1 && rows > columns && (long) columns * chunk <= caches.packed();
  }

  @Override
  int lines() {
    return panels.size() * WIDTH;
  }

  @Override
  int packs() {
    return panels.count();
  }

  @Override
  void pack(int task, Scratch own) {
    int column = panels.start(task) * WIDTH;
    int lastColumn = Math.min(columns(), panels.start(task + 1) * WIDTH);
    long decoded = own.floats(Library.packPanelsFloats(lastColumn - column));
    for (int p = 0; p < length(); p += chunk()) {
      packPanels(p, column, lastColumn, packedAt(p, column), decoded, own);
    }
    releaseColumns(column, lastColumn);
  }

  @Override
  int multiplications() {
    return tiles.count();
  }

  @Override
  void multiply(int task, Scratch own) {
    int row = tiles.start(task) * TILE_ROWS;
    int lastRow = Math.min(rows(), tiles.start(task + 1) * TILE_ROWS);
    long strips = own.floats((long) TASK_ROWS * depth(0));
    for (int p = 0; p < length(); p += chunk()) {
      packStrips(p, row, lastRow, strips);
      multiply(p, row, lastRow, strips, 0, columns(), packedAt(p, 0));
    }
  }
}
