package org.mobilefinetuner.train;

import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.model.Batch;

/** The loss of a step in nats per supervised token, as far as its micro-batches have come. */
final class StepLoss implements DoubleSupplier {
  private final long supervised;
  private double before;
  private @Nullable Batch batch;

  /**
   * @param supervised tokens of all micro-batches
   */
  StepLoss(long supervised) {
    this.supervised = supervised;
  }

  /** Begins a micro-batch, whose losses will be in it. */
  void begin(Batch next) {
    before = sum();
    batch = next;
  }

  private double sum() {
    return batch == null ? before : before + batch.totalNll();
  }

  @Override
  public double getAsDouble() {
    return sum() / supervised;
  }
}
