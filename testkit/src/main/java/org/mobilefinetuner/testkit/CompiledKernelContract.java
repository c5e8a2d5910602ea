package org.mobilefinetuner.testkit;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.Kernels;

/**
 * What a backend in Java has to do besides: give the same bits while it is interpreted and once it
 * is compiled, by each of the compilers.
 */
public abstract class CompiledKernelContract extends KernelContract {
  private static final int CALLS = 150; // of each case; a kernel has ten cases or more
  private static final int SMALL = 2000; // values of a result of a case that is called so often

  /** Has to come first, while nothing is compiled yet. */
  @Test
  @Order(1)
  protected void bitsAreTheSameColdAndHot() {
    try (Kernels kernels = kernels(1)) {
      List<List<float[]>> cold = new ArrayList<>();
      for (KernelCase c : cases()) {
        cold.add(c.run(kernels, 0));
      }
      for (int i = 0; i < cold.size(); i++) {
        KernelCase c = cases().get(i);
        int size = cold.get(i).stream().mapToInt(r -> r.length).sum();
        for (int call = 0; size <= SMALL && call < CALLS; call++) {
          c.call().run(kernels, new GuardedMemory(call, 0));
        }
      }
      for (int i = 0; i < cold.size(); i++) {
        assertSameBits(cases().get(i).run(kernels, 0), cold.get(i));
      }
    }
  }
}
