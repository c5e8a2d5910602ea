package org.mobilefinetuner.android;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.memory.ScratchSpace;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.StepMemory;

/** The memory that was planned, and the scratch files that it needs. */
final class RunMemory implements Closeable {
  private final @Nullable SpillFile spill;
  private final @Nullable Shards shards;
  private final StepMemory step;

  RunMemory(RunPlan run, Path scratch) throws IOException {
    MemoryPlan plan = run.memory();
    int width = run.workload().model().width();
    long boundary = (long) plan.batchSize() * run.workload().length() * width;
    ScratchSpace.require(scratch, plan.scratchBytes());
    this.spill = plan.spills() ? new SpillFile(scratch, boundary) : null;
    this.shards = plan.sharded().isEmpty() ? null : new Shards(scratch);
    this.step =
        new StepMemory(
            Arena.ofBytes(plan.arenaBytes(), plan.logits()),
            new Keep(plan.tapes(), spill),
            shards == null ? Sharding.NONE : Sharding.of(shards, plan.sharded()),
            plan.atOnce());
  }

  StepMemory step() {
    return step;
  }

  /** The weights of a model in files: mapped if they are frozen, copied if they are trained. */
  LoadedWeights weights(ModelFolder folder, boolean full) throws IOException {
    return full ? folder.sharded(step.sharding().room(Kind.WEIGHT)) : folder.frozen();
  }

  @Override
  public void close() throws IOException {
    try {
      if (spill != null) {
        spill.close();
      }
    } finally {
      if (shards != null) {
        shards.close();
      }
    }
  }
}
