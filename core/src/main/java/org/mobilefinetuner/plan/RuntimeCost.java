package org.mobilefinetuner.plan;

/**
 * What a Java virtual machine takes besides the values that are computed with.
 *
 * @param nativeBytes the machine itself, its compiled code, its compilers and threads
 * @param heapBytes short-lived objects, the kernels' scratch, tokenizer and data
 */
public record RuntimeCost(long nativeBytes, long heapBytes) {
  private static final long MIB = 1 << 20;

  /**
   * JDK 25 on Linux with the options that the launcher gives it, measured with {@code mft bench
   * step} on models of 124 to 500 million parameters.
   */
  public static RuntimeCost launched(int threads) {
    return new RuntimeCost(118 * MIB, (38 + 2L * threads) * MIB);
  }
}
