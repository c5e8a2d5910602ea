package org.mobilefinetuner.jni;

import org.mobilefinetuner.kernel.Blocks;

/** A part whose rows are packed at once; tasks take columns, and some of the rows. */
final class WidePart extends ProductPart {
  private static final int SMALL_C = 1 << 20; // floats that stay in the last cache
  private static final int PACKED_ROWS = 64; // by a task
  private static final int LEAST_ROWS = 48; // of a task that multiplies

  private final int panelsPerBlock;
  private final Blocks panels;
  private final int columnTasks;
  private final int rowTasks;

  WidePart(
      Product.Operands operands,
      Arithmetic arithmetic,
      Range range,
      Product.Workspace workspace,
      Product.Caches caches) {
    super(operands, arithmetic, range, workspace);
    int threads = workspace.parallel().threads();
    panelsPerBlock = Math.max(1, caches.panels() / (depth(0) * WIDTH));
    int all = panels(columns());
    boolean small = (long) rows() * columns() <= SMALL_C;
    panels = new Blocks(all, threads, small ? all : panelsPerBlock);
    columnTasks = panels.count();
    int wanted = 4 * (threads - 1);
    rowTasks = Math.max(1, Math.min(wanted / columnTasks, rows() / LEAST_ROWS));
  }

  @Override
  int lines() {
    return (rows() + 3) / 4 * 4;
  }

  @Override
  int packs() {
    return (rows() + PACKED_ROWS - 1) / PACKED_ROWS;
  }

  @Override
  void pack(int task, Scratch own) {
    int row = task * PACKED_ROWS;
    int lastRow = Math.min(rows(), row + PACKED_ROWS);
    for (int p = 0; p < length(); p += chunk()) {
      packStrips(p, row, lastRow, packedAt(p, row));
    }
  }

  @Override
  int multiplications() {
    return columnTasks * rowTasks;
  }

  /** Chunk after chunk, so that B is read in the order of memory as far as columns reach. */
  @Override
  void multiply(int task, Scratch own) {
    int i = task % columnTasks;
    int j = task / columnTasks;
    int column = panels.start(i) * WIDTH;
    int lastColumn = Math.min(columns(), panels.start(i + 1) * WIDTH);
    int tiles = rows() / TILE_ROWS;
    int row = tiles * j / rowTasks * TILE_ROWS;
    int lastRow = j + 1 == rowTasks ? rows() : tiles * (j + 1) / rowTasks * TILE_ROWS;
    int block = block(lastColumn - column);
    for (int p = 0; p < length(); p += chunk()) {
      for (int col = column; col < lastColumn; col += block) {
        multiply(p, row, lastRow, col, Math.min(lastColumn, col + block), own);
      }
    }
    releaseColumns(column, lastColumn);
  }

  /** The columns of equal blocks, as A goes past each. */
  private int block(int columns) {
    int all = panels(columns);
    int count = (all + panelsPerBlock - 1) / panelsPerBlock;
    return (all + count - 1) / count * WIDTH;
  }

  private void multiply(int p, int row, int lastRow, int column, int lastColumn, Scratch own) {
    int columns = lastColumn - column;
    long floats = (long) panels(columns) * WIDTH * depth(p);
    long panels = own.floats(floats + Library.packPanelsFloats(columns));
    packPanels(p, column, lastColumn, panels, panels + Float.BYTES * floats, own);
    multiply(p, row, lastRow, packedAt(p, row), column, lastColumn, panels);
  }
}
