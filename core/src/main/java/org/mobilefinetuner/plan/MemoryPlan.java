package org.mobilefinetuner.plan;

import java.util.Set;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Pieces;

/**
 * A way to train that needs a known amount of memory.
 *
 * @param batchSize sequences of a micro-batch
 * @param accumulation micro-batches of an optimizer step
 * @param tapes of how many segments, from the head down, the tape is kept; the others are run again
 * @param spills whether the other segments' inputs are put in a file
 * @param boundaries the format of these inputs, kept or in a file
 * @param sharded what of the trained numbers is in a file
 * @param logits how many logits exist at a time, and which
 * @param residentBytes of the model's files that stay in memory; pages of the rest are let go as
 *     soon as they have been read
 * @param base the format that a frozen base is converted to, or {@link FrozenFormat#AS_IS} if it is
 *     what was asked for
 * @param arenaBytes for the values of a step
 * @param trainedBytes for what is trained, its gradients and the optimizer's state, as far as they
 *     are in memory
 * @param mappedBytes the most of the model's files that is in memory at a time
 * @param runtime what the virtual machine takes
 * @param scratchBytes of the files that trained numbers and inputs are in
 * @param atOnce whether weights are updated when the backward pass leaves their segment
 * @param relativeTime of a step, where 1 is the same step with all the memory it could use
 */
public record MemoryPlan(
    int batchSize,
    int accumulation,
    int tapes,
    boolean spills,
    Format boundaries,
    Set<Kind> sharded,
    Pieces logits,
    long residentBytes,
    FrozenFormat base,
    long arenaBytes,
    long trainedBytes,
    long mappedBytes,
    RuntimeCost runtime,
    long scratchBytes,
    boolean atOnce,
    double relativeTime) {

  /** Whether pages of the model's files are let go. */
  public boolean streams() {
    return residentBytes < mappedBytes;
  }

  /** The Java heap that the run needs. */
  public long heapBytes() {
    return arenaBytes + trainedBytes + runtime.heapBytes();
  }

  /** The Java heap that the run may have: what a budget leaves, for data that is read. */
  public long heapWithin(long budgetBytes) {
    return heapBytes() + Math.max(0, budgetBytes - totalBytes());
  }

  /** The most memory that the run has at any time, all of it counted (VmHWM). */
  public long totalBytes() {
    return heapBytes() + mappedBytes + runtime.nativeBytes();
  }
}
