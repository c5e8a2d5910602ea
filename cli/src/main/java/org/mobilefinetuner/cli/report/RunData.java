package org.mobilefinetuner.cli.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;

/** A run as the page's script wants it: curves, totals, events. */
final class RunData {
  /** Points of a curve at most: more than a screen has columns. */
  static final int POINTS = 2000;

  private static final String STEP = "step";
  private static final String[] PHASES = {"forward", "backward", "optimizer"};

  private final RunRecord run;
  private final Columns steps;

  RunData(RunRecord run) {
    this.run = run;
    this.steps = run.steps();
  }

  JsonObject json() {
    JsonObject config = JsonObject.empty();
    run.config().forEach(config::put);
    JsonObject json =
        JsonObject.empty()
            .put("name", run.name())
            .put("config", config)
            .put("summary", summary())
            .put("seconds", seconds())
            .put("memory", memory())
            .put("curves", curves())
            .put("events", run.events());
    if (run.samples() != null) {
      json.put("samples", run.samples());
    }
    return json;
  }

  private @Nullable JsonObject event(String name) {
    @Nullable JsonObject last = null;
    for (JsonObject event : run.events()) {
      last = name.equals(event.get("event")) ? event : last;
    }
    return last;
  }

  private JsonObject summary() {
    @Nullable JsonObject end = event("end");
    JsonObject summary =
        JsonObject.empty()
            .put("outcome", end == null ? "unfinished" : end.get("outcome"))
            .put("reason", end == null ? null : end.get("reason"))
            .put("steps", number(steps.last(STEP)))
            .put("max_steps", run.config().get("max_steps"))
            .put("epoch", number(steps.last("epoch")))
            .put("loss", number(steps.last("loss")))
            .put("tokens", number(steps.last("num_input_tokens_seen")))
            .put("energy_joules", number(steps.last("energy_joules")))
            .put("energy_source", run.energySource())
            .put("ended_ms", number(steps.last("time_unix_ms")));
    double best = Double.NaN;
    for (int i = 0; i < run.evaluations().rows(); i++) {
      double loss = run.evaluations().get("eval_loss", i);
      best = Double.isNaN(best) || loss < best ? loss : best;
    }
    return summary.put("best_eval_loss", number(best));
  }

  /** Where the time of all steps went. */
  private JsonObject seconds() {
    Map<String, Double> sums = new LinkedHashMap<>();
    double before = 0;
    for (int row = 0; row < steps.rows(); row++) {
      double count = steps.get(STEP, row) - before;
      before = steps.get(STEP, row);
      double rest = zero(steps.get("time_step_ms", row));
      for (String part : List.of("forward", "backward", "optimizer", "data")) {
        double millis = zero(steps.get("time_" + part + "_ms", row));
        rest -= millis;
        sums.merge(part, millis * count * 1e-3, Double::sum);
      }
      sums.merge("scratch", zero(steps.get("time_loading_ms", row)) * count * 1e-3, Double::sum);
      sums.merge("other", Math.max(0, rest) * count * 1e-3, Double::sum);
      sums.merge("sleep", zero(steps.get("sleep_ms", row)) * count * 1e-3, Double::sum);
    }
    for (int row = 0; row < run.evaluations().rows(); row++) {
      sums.merge("evaluation", zero(run.evaluations().get("eval_runtime", row)), Double::sum);
    }
    for (JsonObject event : run.events()) {
      if (event.get("time_ms") instanceof Number millis) {
        sums.merge("checkpoints", millis.doubleValue() * 1e-3, Double::sum);
      }
    }
    JsonObject json = JsonObject.empty();
    sums.forEach(json::put);
    return json;
  }

  private JsonObject memory() {
    JsonObject phases = JsonObject.empty();
    for (String phase : PHASES) {
      phases.put(
          phase,
          JsonObject.empty()
              .put("resident", number(steps.max("mem_rss_" + phase + "_bytes")))
              .put("heap", number(steps.max("mem_heap_" + phase + "_bytes"))));
    }
    @Nullable JsonObject end = event("end");
    return JsonObject.empty()
        .put("phases", phases)
        .put("peak", number(Math.max(0, zero(steps.max("mem_rss_peak_bytes")))))
        .put("mean", end == null ? null : end.get("mem_rss_mean_bytes"))
        .put("arena", number(steps.max("mem_arena_bytes")))
        .put("budget", run.config().get("memory_budget"))
        .put("plan", event("plan"));
  }

  private JsonObject curves() {
    return JsonObject.empty()
        .put("loss", curve(steps, "loss", "loss"))
        .put("evaluation", curve(run.evaluations(), "eval_loss", "eval_loss"))
        .put("rate", curve(steps, "learning_rate", "learning_rate"))
        .put("norm", curve(steps, "grad_norm", "grad_norm"))
        .put(
            "memory",
            curve(
                steps,
                "mem_rss_backward_bytes",
                "mem_rss_forward_bytes",
                "mem_rss_backward_bytes",
                "mem_rss_optimizer_bytes",
                "mem_rss_bytes",
                "mem_heap_bytes",
                "mem_arena_bytes"))
        .put("speed", curve(steps, "train_tokens_per_second", "train_tokens_per_second"))
        .put("time", curve(steps, "time_step_ms", "time_step_ms", "sleep_ms"))
        .put(
            "power",
            curve(
                steps,
                "temp_c",
                "battery_pct",
                "temp_c",
                "battery_temp_c",
                "power_watts",
                "energy_joules"));
  }

  /**
   * Some rows of a log.
   *
   * @param main what the rows are chosen by
   */
  private static JsonObject curve(Columns log, String main, String... keys) {
    IntToDoubleFunction drawn = row -> log.get(main, row);
    int[] rows = Thinning.rows(log.rows(), drawn, POINTS);
    JsonObject curve = JsonObject.empty().put(STEP, values(log, STEP, rows));
    for (String key : keys) {
      if (log.has(key)) {
        curve.put(key, values(log, key, rows));
      }
    }
    return curve;
  }

  private static Collection<@Nullable Number> values(Columns log, String key, int... rows) {
    List<@Nullable Number> values = new ArrayList<>(rows.length);
    for (int row : rows) {
      values.add(number(log.get(key, row)));
    }
    return values;
  }

  /** A whole number as such; null if there is none. */
  private static @Nullable Number number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return null;
    }
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      return (long) value;
    }
    return value;
  }

  private static double zero(double value) {
    return Double.isNaN(value) ? 0 : value;
  }
}
