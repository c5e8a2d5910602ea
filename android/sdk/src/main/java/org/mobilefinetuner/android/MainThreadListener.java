package org.mobilefinetuner.android;

import android.os.Handler;
import android.os.Looper;
import java.util.List;
import java.util.function.Consumer;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.train.RunState;

/**
 * Passes what a view shows on to a listener on the main thread, in order.
 *
 * <p>Batches, phases and boundaries are left out: they are only valid while the run waits.
 */
public final class MainThreadListener extends EventRelay {
  private final Handler handler = new Handler(Looper.getMainLooper());
  private final FineTuningListener listener;

  public MainThreadListener(FineTuningListener listener) {
    this.listener = listener;
  }

  @Override
  void tell(Consumer<FineTuningListener> event) {
    handler.post(() -> event.accept(listener));
  }

  @Override
  public void onBatch(int step, int microBatch, List<Batch.Sequence> sequences) {}

  @Override
  public void onPhase(Phase phase) {}

  @Override
  public void onBoundary(RunState state) {}
}
