import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes {@code MicroKernel.java} of the vector module, whose loops are unrolled.
 *
 * <p>{@code java tools/kernels/Generate.java vector/src/main/java/org/mobilefinetuner/vector}, then
 * {@code mvn -N validate -Dformat.mode=write}. A vector stays in a register only as a local
 * variable, never as an element of an array or a field: this is why the code is generated.
 */
public final class Generate {
  /** Rows and vectors of a tile: 24 accumulators for 32 registers, 12 for 16. */
  private static final int[][] TILES = {
    {12, 2}, {8, 2}, {4, 2}, {12, 1}, {8, 1}, {4, 1}, {8, 3}, {4, 3}
  };

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    try (PrintStream out = open(folder.resolve("MicroKernel.java"))) {
      microKernel(out);
    }
  }

  private static PrintStream open(Path file) throws IOException {
    PrintStream out = new PrintStream(Files.newOutputStream(file), false, "UTF-8");
    out.println("// Written by tools/kernels/Generate.java");
    out.println("package org.mobilefinetuner.vector;");
    return out;
  }

  private static void microKernel(PrintStream out) {
    out.println(
        """
        import static org.mobilefinetuner.vector.Lanes.F;
        import static org.mobilefinetuner.vector.Lanes.L;
        import jdk.incubator.vector.FloatVector;

        /**
         * The innermost loop of every product: a tile of C, held in registers, over one chunk of K.
         *
         * <p>A is packed in groups of four rows, B in panels of a few vectors, both with K as the
         * slow dimension (see {@link Pack}). Every element of the tile is summed on its own, from
         * the first product to the last: its bits depend neither on the tile's size nor on its
         * neighbours.
         *
         * <p>{@code kc}: length of the chunk. {@code ao}: where the first group of A starts; the
         * next is {@code as} further. {@code bo}: where the panel of B starts. The tile is written
         * to {@code c}, row after row. (To add it to the matrix here would save 1 %, but 24 times
         * the code of an addition is more than the compiler inlines, and then the sums are boxed.)
         */
        final class MicroKernel {
          private MicroKernel() {}

          /** Runs the tile of {@code groups} times four rows and {@code vectors} vectors. */
          static void run(int groups, int vectors, int kc, float[] a, int ao, int as, float[] b,
              int bo, float[] c) {
            switch (vectors * 4 + groups) {\
        """);
    for (int[] tile : TILES) {
      out.printf(
          "case %d -> tile%dx%d(kc, a, ao, %sb, bo, c);%n",
          tile[1] * 4 + tile[0] / 4, tile[0], tile[1], tile[0] == 4 ? "" : "as, ");
    }
    out.println(
        """
        default -> throw new IllegalArgumentException("no tile of " + groups + "x" + vectors);
        }
        }
        """);
    for (int[] tile : TILES) {
      tile(out, tile[0], tile[1]);
    }
    out.println("}");
  }

  private static void tile(PrintStream out, int rows, int vectors) {
    out.printf(
        "private static void tile%dx%d(int kc, float[] a, int ao, %sfloat[] b, int bo,"
            + " float[] c) {%n",
        rows, vectors, rows == 4 ? "" : "int as, ");
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        out.printf("FloatVector c%d_%d = FloatVector.zero(F);%n", i, j);
      }
    }
    out.println("for (int p = 0; p < kc; p++) {");
    out.println("int i0 = ao + 4 * p;");
    for (int g = 1; g < rows / 4; g++) {
      out.printf("int i%d = i%d + as;%n", g, g - 1);
    }
    out.printf("int j = bo + p * (%d * L);%n", vectors);
    for (int j = 0; j < vectors; j++) {
      out.printf("FloatVector b%d = FloatVector.fromArray(F, b, j + %d * L);%n", j, j);
    }
    for (int i = 0; i < rows; i++) {
      out.printf("FloatVector a%d = FloatVector.broadcast(F, a[i%d + %d]);%n", i, i / 4, i % 4);
      for (int j = 0; j < vectors; j++) {
        out.printf("c%1$d_%2$d = a%1$d.fma(b%2$d, c%1$d_%2$d);%n", i, j);
      }
    }
    out.println("}");
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        out.printf("c%d_%d.intoArray(c, %d * L);%n", i, j, i * vectors + j);
      }
    }
    out.println("}");
  }
}
