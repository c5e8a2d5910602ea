package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.memory.ScratchSpace;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.Workload;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.StepMemory;

/** A memory plan put into practice; owns the scratch files that it may need. */
final class PlannedMemory implements Closeable {
  private final StepMemory memory;
  private final @Nullable MemoryPlan plan;
  private final long residentBytes;
  private final boolean shardsWeights;
  private final @Nullable SpillFile spill;
  private final @Nullable Shards shards;

  private PlannedMemory(StepMemory memory) {
    this.memory = memory;
    this.plan = null;
    this.residentBytes = Long.MAX_VALUE;
    this.shardsWeights = false;
    this.spill = null;
    this.shards = null;
  }

  private PlannedMemory(MemoryPlan plan, Workload workload, Arena arena, boolean promised)
      throws IOException {
    this.plan = promised ? plan : null;
    Path scratch = DataOptions.scratch();
    ScratchSpace.require(scratch, plan.scratchBytes());
    this.residentBytes = plan.streams() ? plan.residentBytes() : Long.MAX_VALUE;
    this.shardsWeights = plan.sharded().contains(Kind.WEIGHT);
    long boundary = (long) plan.batchSize() * workload.length() * workload.model().width();
    boolean halved = plan.boundaries() == Format.BF16;
    this.spill =
        plan.spills() ? new SpillFile(scratch, halved ? (boundary + 1) / 2 : boundary) : null;
    this.shards = plan.sharded().isEmpty() ? null : new Shards(scratch);
    this.memory =
        new StepMemory(
            arena,
            new Keep(plan.tapes(), spill, plan.boundaries()),
            shards == null ? Sharding.NONE : Sharding.of(shards, plan.sharded()),
            plan.atOnce());
  }

  /** What is planned and no more. */
  static PlannedMemory bounded(MemoryPlan plan, Workload workload) throws IOException {
    return new PlannedMemory(plan, workload, Arena.ofBytes(plan.arenaBytes(), plan.logits()), true);
  }

  /** What is planned, in as much of Java's heap as it takes. */
  static PlannedMemory asNeeded(MemoryPlan plan, Workload workload) throws IOException {
    return new PlannedMemory(plan, workload, Arena.ofBytes(Long.MAX_VALUE, plan.logits()), false);
  }

  /** As much as there is. */
  static PlannedMemory unlimited(Keep keep) {
    return new PlannedMemory(StepMemory.unlimited(keep));
  }

  /** Where the values of a step are. */
  StepMemory memory() {
    return memory;
  }

  /** What a run that keeps to a budget is planned to take, for its log. */
  Optional<JsonObject> facts() {
    return plan == null
        ? Optional.empty()
        : Optional.of(
            JsonObject.empty()
                .put("total_bytes", plan.totalBytes())
                .put("values_bytes", plan.arenaBytes())
                .put("trained_bytes", plan.trainedBytes())
                .put("model_bytes", plan.mappedBytes())
                .put("java_bytes", plan.runtime().heapBytes() + plan.runtime().nativeBytes()));
  }

  /** The weights of a model that are trained, where they are planned to be. */
  LoadedWeights trained(ModelFolder folder) throws IOException {
    return shardsWeights
        ? folder.sharded(memory.sharding().room(Kind.WEIGHT), new MappedPages())
        : folder.trainable();
  }

  /** Frozen weights, which let go of what has been read if that is planned. */
  LoadedWeights frozen(LoadedWeights weights) {
    weights.stream(new MappedPages(), residentBytes);
    return weights;
  }

  /** One line that says what was chosen. */
  static String describe(MemoryPlan plan, int segments) {
    return String.format(
        Locale.ROOT,
        "Memory plan: %s (values %s, trained %s, model %s, Java %s), steps of %d x %d sequences;"
            + " %s",
        Bytes.megabytes(plan.totalBytes()),
        Bytes.megabytes(plan.arenaBytes()),
        Bytes.megabytes(plan.trainedBytes()),
        Bytes.megabytes(plan.mappedBytes()),
        Bytes.megabytes(plan.runtime().heapBytes() + plan.runtime().nativeBytes()),
        plan.accumulation(),
        plan.batchSize(),
        how(plan, segments));
  }

  /** What a plan gives up, in words. */
  static String how(MemoryPlan plan, int segments) {
    List<String> parts = new ArrayList<>();
    int again = Math.max(0, segments - plan.tapes());
    boolean rounded = plan.boundaries() == Format.BF16;
    if (again > 0) {
      parts.add(
          (again == segments ? "all" : again + " of " + segments)
              + " segments run twice"
              + (plan.spills() ? ", their inputs on disk" : "")
              + (!rounded ? "" : plan.spills() ? " in bf16" : ", their inputs in bf16"));
    } else if (rounded) {
      parts.add("segments' inputs rounded to bf16");
    }
    if (plan.sharded().contains(Kind.WEIGHT)) {
      parts.add("weights, gradients and the optimizer's state on disk");
    } else if (plan.sharded().contains(Kind.GRADIENT)) {
      parts.add("gradients and the optimizer's state on disk");
    } else if (plan.sharded().contains(Kind.MEAN)) {
      parts.add("the optimizer's state on disk");
    } else if (plan.streams()) {
      String kept =
          plan.residentBytes() == 0 ? "" : " but for " + Bytes.megabytes(plan.residentBytes());
      parts.add("weights stay in their file" + kept);
    }
    if (plan.atOnce()) {
      parts.add("segments updated at once");
    }
    if (plan.logits().byColumns()) {
      parts.add("logits by columns");
    }
    if (plan.base() != FrozenFormat.AS_IS) {
      parts.add("a base of " + plan.base());
    }
    return parts.isEmpty() ? "everything in memory" : String.join("; ", parts);
  }

  @Override
  public void close() throws IOException {
    if (spill != null) {
      spill.close();
    }
    if (shards != null) {
      shards.close();
    }
  }
}
