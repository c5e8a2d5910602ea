package org.mobilefinetuner.plan;

/**
 * What a Java virtual machine takes besides the values that are computed with.
 *
 * @param nativeBytes the machine itself, its compiled code, its compilers and threads, and what a
 *     backend in native code works in
 * @param heapBytes short-lived objects, the kernels' arrays, tokenizer and data
 */
public record RuntimeCost(long nativeBytes, long heapBytes) {
  private static final long MIB = 1 << 20;

  /**
   * JDK 25 on Linux with the options that the launcher gives it, measured with {@code mft bench
   * step} on models of 124 million to 1.5 billion parameters.
   *
   * @param scratchBytes that the backend works in, outside the heap; a backend that does so is
   *     machine code already and leaves Java's compilers, who take much for vectors, little to do
   */
  public static RuntimeCost launched(int threads, long scratchBytes) {
    long machine = scratchBytes > 0 ? 63 * MIB : 99 * MIB;
    return new RuntimeCost(machine + scratchBytes, (38 + 2L * threads) * MIB);
  }

  /**
   * The same beside {@code bytes} of values: larger steps run longer in compilers and collectors,
   * and take more of what mapped files bring with them.
   *
   * @param sharded whether some of what is trained is in a file, through which buffers lead
   */
  RuntimeCost beside(long bytes, boolean sharded) {
    return new RuntimeCost(nativeBytes + bytes / 50 + (sharded ? 14 * MIB : 0), heapBytes);
  }
}
