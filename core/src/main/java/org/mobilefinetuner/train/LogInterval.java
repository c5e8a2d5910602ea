package org.mobilefinetuner.train;

import java.io.IOException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.train.TrainingListener.Step;

/** What has been added up of the steps since the last line of a log. */
final class LogInterval {
  private double loss;
  private int steps;
  private long nanos;
  private long pausedNanos;
  private long tokens;
  private long forwardNanos;
  private long backwardNanos;
  private long updateNanos;
  private long dataNanos;
  private long scratchNanos;

  void add(Step step) {
    loss += step.loss();
    steps++;
    nanos += step.elapsedNanos();
    pausedNanos += step.pausedNanos();
    tokens += step.tokens();
    forwardNanos += step.phases().forwardNanos();
    backwardNanos += step.phases().backwardNanos();
    updateNanos += step.phases().updateNanos();
    dataNanos += step.phases().dataNanos();
    scratchNanos += step.phases().scratchNanos();
  }

  /** The means, with the keys of Hugging Face's trainer where it has them. */
  void putInto(JsonObject line) {
    line.put("loss", loss / steps)
        .put("perplexity", Math.exp(loss / steps))
        .put("train_tokens_per_second", tokens / (nanos * 1e-9))
        .put("time_step_ms", millis(nanos))
        .put("time_forward_ms", millis(forwardNanos))
        .put("time_backward_ms", millis(backwardNanos))
        .put("time_optimizer_ms", millis(updateNanos))
        .put("time_data_ms", millis(dataNanos))
        .put("time_loading_ms", millis(scratchNanos))
        .put("sleep_ms", millis(pausedNanos));
  }

  private double millis(long sum) {
    return sum * 1e-6 / steps;
  }

  /** Seconds that a step takes now, with what the run is paused before it. */
  double secondsPerStep() {
    return (nanos + pausedNanos) * 1e-9 / steps;
  }

  JsonObject json() {
    return JsonObject.empty()
        .put("loss_sum", loss)
        .put("loss_count", steps)
        .put("nanos", nanos)
        .put("paused_nanos", pausedNanos)
        .put("tokens", tokens)
        .put("forward_nanos", forwardNanos)
        .put("backward_nanos", backwardNanos)
        .put("update_nanos", updateNanos)
        .put("data_nanos", dataNanos)
        .put("scratch_nanos", scratchNanos);
  }

  static LogInterval of(JsonObject json) throws IOException {
    LogInterval interval = new LogInterval();
    interval.loss = json.number("loss_sum");
    interval.steps = json.integer("loss_count");
    interval.nanos = (long) json.number("nanos");
    interval.pausedNanos = (long) json.number("paused_nanos", 0);
    interval.tokens = (long) json.number("tokens");
    interval.forwardNanos = (long) json.number("forward_nanos");
    interval.backwardNanos = (long) json.number("backward_nanos");
    interval.updateNanos = (long) json.number("update_nanos");
    interval.dataNanos = (long) json.number("data_nanos", 0);
    interval.scratchNanos = (long) json.number("scratch_nanos", 0);
    return interval;
  }
}
