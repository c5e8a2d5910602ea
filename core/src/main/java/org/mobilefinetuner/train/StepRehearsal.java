package org.mobilefinetuner.train;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.Spill;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A training step in which nothing is computed: it asks for all the memory that the real one asks
 * for, in the same order, and tells how much that is.
 */
public final class StepRehearsal {
  /** Kernels that do nothing. */
  private static final Kernels IDLE =
      (Kernels)
          Proxy.newProxyInstance(
              Kernels.class.getClassLoader(),
              new Class<?>[] {Kernels.class},
              (proxy, method, arguments) -> method.getReturnType() == double.class ? 0.0 : null);

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
   * @param sequences of a micro-batch, all of {@code length} tokens that are all predicted
   * @param chunkBytes see {@link Arena#chunkBytes}
   */
  public long arenaBytes(int tapes, boolean spills, int sequences, int length, long chunkBytes) {
    Arena arena = Arena.rehearsal(chunkBytes);
    SegmentedBackprop backprop =
        new SegmentedBackprop(
            shapes.model(),
            shapes,
            shapes.lowestTrainable(),
            IDLE,
            arena,
            new SegmentedBackprop.Keep(tapes, spills ? NOWHERE : null));
    List<Batch.Sequence> all = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      all.add(new Batch.Sequence(i, new int[length], new int[length]));
    }
    Batch batch = Batch.of(all, 1);
    backprop.step(batch, (parameter, writer) -> writer.write(parameter.value(), 1));
    backprop.evaluate(batch);
    return arena.reservedBytes();
  }
}
