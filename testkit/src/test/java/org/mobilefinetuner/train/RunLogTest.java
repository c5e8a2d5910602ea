package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.metrics.LossSpike;
import org.mobilefinetuner.train.TrainingListener.Begin;
import org.mobilefinetuner.train.TrainingListener.Decision;
import org.mobilefinetuner.train.TrainingListener.Device;
import org.mobilefinetuner.train.TrainingListener.End;
import org.mobilefinetuner.train.TrainingListener.Outcome;
import org.mobilefinetuner.train.TrainingListener.Phase;
import org.mobilefinetuner.train.TrainingListener.Phases;
import org.mobilefinetuner.train.TrainingListener.Saved;
import org.mobilefinetuner.train.TrainingListener.Step;
import org.mobilefinetuner.train.TrainingListener.Warning;

/** Every event of a run is a line of its log. */
final class RunLogTest {
  private static final long MS = 1_000_000;

  @TempDir Path temporary;
  private Path file = Path.of("");

  @BeforeEach
  void prepare() {
    file = temporary.resolve("metrics.jsonl");
  }

  private static Step step(int step, double loss) {
    Phases phases = new Phases(30 * MS, 50 * MS, 10 * MS, 5 * MS, 2 * MS);
    return new Step(
        step, step / 4.0, loss, 1, 1e-3f, 20, 20L * step, 100 * MS, 300 * MS, phases, 7);
  }

  private static DeviceReading reading(double joules) {
    return new DeviceReading(
        OptionalDouble.of(64),
        false,
        OptionalDouble.of(3.5),
        OptionalDouble.of(31),
        OptionalDouble.of(45),
        OptionalInt.of(1),
        OptionalDouble.of(joules),
        "a meter");
  }

  private List<JsonObject> lines() throws IOException {
    List<JsonObject> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JsonObject.parse("log", line));
    }
    return lines;
  }

  @Test
  void aStepSaysWhatIsKnownOfIt() throws IOException {
    try (RunLog log = RunLog.open(file, 2, null)) {
      log.onBegin(new Begin(0, 3));
      log.onDevice(new Device(0, reading(12)));
      for (Phase phase : Phase.values()) {
        log.onPhase(phase);
      }
      log.onStep(step(1, 1));
      log.onStep(step(2, 2));
      JsonObject line = lines().get(0);
      assertThat(line.number("loss")).isEqualTo(1.5);
      assertThat(line.number("perplexity")).isEqualTo(Math.exp(1.5));
      assertThat(line.number("train_tokens_per_second")).isEqualTo(200);
      assertThat(line.number("time_step_ms")).isEqualTo(100);
      assertThat(line.number("time_data_ms")).isEqualTo(5);
      assertThat(line.number("time_loading_ms")).isEqualTo(2);
      assertThat(line.number("sleep_ms")).isEqualTo(300);
      assertThat(line.number("eta_seconds")).isEqualTo(0.4);
      assertThat(line.number("battery_pct")).isEqualTo(64);
      assertThat(line.number("power_watts")).isEqualTo(3.5);
      assertThat(line.number("temp_c")).isEqualTo(45);
      assertThat(line.number("energy_joules")).isEqualTo(12);
      assertThat(line.string("energy_source")).isEqualTo("a meter");
      assertThat(line.keys())
          .contains("mem_heap_bytes", "mem_arena_bytes", "time_unix_ms", "grad_norm");
      if (line.has("mem_rss_bytes")) { // on Linux
        assertThat(line.number("mem_rss_forward_bytes")).isPositive();
        assertThat(line.number("mem_rss_optimizer_bytes")).isPositive();
      }
      log.onStep(step(3, 5));
      assertThat(lines()).as("the last step has a line in any case").hasSize(2);
      assertThat(lines().get(1).number("loss")).isEqualTo(5);
    }
  }

  @Test
  void otherEventsSayWhatTheyAre() throws IOException {
    try (RunLog log = RunLog.open(file, 1, null)) {
      log.onDecision(new Decision(4, 0.5, false, "battery-threshold", "at 49 %"));
      log.onWarning(new Warning(5, "loss-spike", "it jumped", "look"));
      log.onSaved(new Saved(6, temporary.resolve("checkpoint-6"), 2 * MS));
      log.onEnd(new End(7, Outcome.FAILED, "NaN"));
    }
    List<JsonObject> lines = lines();
    assertThat(lines)
        .extracting(line -> line.string("event"))
        .containsExactly("decision", "warning", "checkpoint", "end");
    assertThat(lines.get(0).number("rate")).isEqualTo(0.5);
    assertThat(lines.get(1).string("advice")).isEqualTo("look");
    assertThat(lines.get(2).string("path")).isEqualTo("checkpoint-6");
    assertThat(lines.get(3).string("outcome")).isEqualTo("failed");
    assertThat(lines.get(3).string("reason")).isEqualTo("NaN");
  }

  @Test
  void whatIsAddedUpGoesOnWithTheRun() throws IOException {
    JsonObject state;
    try (RunLog log = RunLog.open(file, 2, null)) {
      log.onDevice(new Device(0, reading(100)));
      log.onStep(step(1, 1));
      JsonObject kept =
          JsonObject.empty()
              .put("stateful_callbacks", JsonObject.empty().put(TrainerState.LOG, log.sums()))
              .put(TrainerState.HISTORY, log.history());
      state = JsonObject.parse("state", kept.toString());
      log.onStep(step(2, 9)); // lost
    }
    try (RunLog log = RunLog.open(file, 2, state)) {
      log.onBegin(new Begin(1, 4));
      log.onDevice(new Device(1, reading(11))); // counted from zero again
      log.onStep(step(2, 2));
      assertThat(log.seconds()).isEqualTo(0.8);
    }
    List<JsonObject> lines = lines();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0).string("event")).isEqualTo("resume");
    assertThat(lines.get(1).number("loss")).isEqualTo(1.5);
    assertThat(lines.get(1).number("energy_joules")).isEqualTo(111);
  }

  @Test
  void troubleIsToldOnceAlsoWhenTheRunGoesOn() {
    List<JsonObject> told = new ArrayList<>();
    for (int part = 0; part < 2; part++) {
      TroubleWatch watch =
          new TroubleWatch(
              List.of(new LossSpike()),
              99,
              List.copyOf(told),
              new TrainingListener() {
                @Override
                public void onWarning(Warning warning) {
                  told.add(JsonObject.empty().put("event", "warning").put("kind", warning.kind()));
                }
              });
      for (int i = 1; i < 99; i++) {
        watch.onStep(step(i, i % 30 == 29 ? 9 : 1 + i % 2 * 0.1));
      }
    }
    assertThat(told).hasSize(1);
  }
}
