package org.mobilefinetuner.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.IdleKernels;
import org.mobilefinetuner.memory.PassingGradients;
import org.mobilefinetuner.memory.ShardedGradients;
import org.mobilefinetuner.memory.ShardedWeights;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.memory.Spill;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A training step in which nothing is computed: it asks for all the memory that the real one asks
 * for, in the same order, and tells how much that is.
 */
public final class StepRehearsal {
  /** A place that holds nothing. */
  private static final Spill NOWHERE =
      new Spill() {
        @Override
        public void write(int slot, Tensor values) {}

        @Override
        public void read(int slot, Tensor values) {}
      };

  private final LoadedWeights shapes;

  /**
   * @param shapes what {@link LoadedWeights#shapes} gives, with adapters of {@link Tensor#ofShape}
   */
  public StepRehearsal(LoadedWeights shapes) {
    this.shapes = shapes;
  }

  /**
   * The bytes that {@link Arena#ofBytes} needs for a step, or for the evaluation of a batch if that
   * is more.
   *
   * @param tapes see {@link SegmentedBackprop.Keep}
   * @param spills whether inputs are put aside
   * @param boundaries the format of inputs, see {@link SegmentedBackprop.Keep}
   * @param sharded what of the trained numbers is in a file
   * @param atOnce see {@link StepMemory#atOnce}
   * @param sequences of a micro-batch, all of {@code length} tokens that are all predicted
   * @param pieces see {@link Arena#pieces}
   */
  public long arenaBytes(
      int tapes,
      boolean spills,
      Format boundaries,
      Set<Kind> sharded,
      boolean atOnce,
      int sequences,
      int length,
      Pieces pieces) {
    Arena arena = Arena.rehearsal(pieces);
    place(sharded.contains(Kind.WEIGHT));
    SegmentedBackprop backprop =
        new SegmentedBackprop(
            shapes.model(),
            sharded.contains(Kind.WEIGHT) ? new ShardedWeights(shapes, arena) : shapes,
            shapes.lowestTrainable(),
            new IdleKernels(),
            arena,
            new SegmentedBackprop.Keep(tapes, spills ? NOWHERE : null, boundaries));
    List<Batch.Sequence> all = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      all.add(sequence(i, length));
    }
    Batch batch = Batch.of(all, 1);
    GradientSink gradients = gradients(sharded.contains(Kind.GRADIENT), atOnce, arena);
    backprop.step(batch, gradients, 0); // with dropout where there is any
    backprop.evaluate(batch);
    return arena.reservedBytes();
  }

  private GradientSink gradients(boolean elsewhere, boolean atOnce, Arena arena) {
    GradientSink all =
        elsewhere
            ? new ShardedGradients(shapes.parameters(), Numbers::none, arena)
            : (parameter, writer) -> writer.write(Tensor.ofShape(parameter.value().shape()), 1);
    return atOnce ? new PassingGradients(shapes.tables(), all, arena, (p, gradient) -> {}) : all;
  }

  /** What is trained is in memory, as far as a step can tell, or elsewhere. */
  private void place(boolean elsewhere) {
    for (Parameter p : shapes.parameters()) {
      if (elsewhere) {
        p.withdraw();
      } else {
        p.lend(Tensor.ofShape(p.value().shape()));
      }
    }
  }

  /** Of tokens that are as different as they can be: each has a row of the table of its own. */
  private Batch.Sequence sequence(int number, int length) {
    int[] ids = new int[length];
    for (int t = 0; t < length; t++) {
      ids[t] = (int) (((long) number * length + t) % shapes.model().vocabulary());
    }
    return new Batch.Sequence(number, ids, ids);
  }
}
