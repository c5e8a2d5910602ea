package org.mobilefinetuner.android;

import java.util.function.Consumer;

/** Passes everything on, and tells somebody else the outcome behind it. */
final class EndListener extends EventRelay {
  private final FineTuningListener listener;
  private final Consumer<FineTuningResult> end;

  EndListener(FineTuningListener listener, Consumer<FineTuningResult> end) {
    this.listener = listener;
    this.end = end;
  }

  @Override
  void tell(Consumer<FineTuningListener> event) {
    event.accept(listener);
  }

  @Override
  public void onResult(FineTuningResult outcome) {
    super.onResult(outcome);
    end.accept(outcome);
  }
}
