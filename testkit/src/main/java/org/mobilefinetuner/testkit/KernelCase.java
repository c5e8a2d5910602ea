package org.mobilefinetuner.testkit;

import java.util.List;
import org.mobilefinetuner.kernel.Kernels;

/**
 * One call of one kernel, which can be repeated with any backend.
 *
 * @param name the kernel and what is special
 * @param tolerance the largest error allowed, relative to the largest value of each result
 */
public record KernelCase(String name, double tolerance, Call call) {
  /** Takes what it needs from {@code memory}, always in the same order, and calls a kernel. */
  @FunctionalInterface
  public interface Call {
    void run(Kernels kernels, GuardedMemory memory);
  }

  /** The results, after a check that nothing else was written. */
  List<float[]> run(Kernels kernels, int shift) {
    GuardedMemory memory = new GuardedMemory(name.hashCode(), shift);
    call.run(kernels, memory);
    memory.assertUntouched();
    return memory.results();
  }

  @Override
  public String toString() {
    return name;
  }
}
