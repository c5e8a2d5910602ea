package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.train.StepGate;
import org.robolectric.RobolectricTestRunner;

@NullUnmarked
@RunWith(RobolectricTestRunner.class)
public class FineTuningTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private TinyRun run;

  @Before
  public void write() throws IOException {
    run = TinyRun.in(folder.getRoot().toPath());
  }

  /** Stops an attempt from its own thread after a step. */
  private static final class StopAfter implements FineTuningListener {
    private final int step;
    private final AtomicReference<FineTuning> tuning = new AtomicReference<>();

    StopAfter(int step) {
      this.step = step;
    }

    @Override
    public void onStep(Step made) {
      if (made.step() == step) {
        tuning.get().stop();
      }
    }
  }

  @Test
  public void aStoppedRunGoesOnToTheSameBits() throws Exception {
    FineTuningSettings settings = run.settings("out").build();
    StopAfter stop = new StopAfter(5);
    FineTuning first = run.tuning(settings, stop);
    stop.tuning.set(first);
    first.start();

    assertThat(first.await().end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(first.await().steps()).isEqualTo(5);
    List<Integer> begun = new ArrayList<>();
    FineTuningResult second =
        run.run(
            settings,
            new FineTuningListener() {
              @Override
              public void onStart(RunPlan plan, int firstStep, int steps) {
                begun.add(firstStep);
              }
            });
    assertThat(second.failure()).isNull();
    assertThat(second.end()).isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(begun).containsExactly(5);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void aProcessThatDiedLeavesACheckpoint() throws Exception {
    FineTuningSettings settings = run.settings("out").build();
    FineTuningResult died =
        run.run(
            settings,
            new FineTuningListener() {
              @Override
              public void onStep(Step made) {
                if (made.step() == 8) {
                  throw new IllegalStateException("as if killed");
                }
              }
            });

    assertThat(died.end()).isEqualTo(FineTuningResult.End.FAILED);
    assertThat(run.run(settings, FineTuningListener.NONE).end())
        .isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void storageThatGoesAwayFailsTheAttemptAndNotTheRun() throws Exception {
    FineTuningSettings settings = run.settings("out").build();
    Path output = settings.output();
    Path away = run.folder().resolve("away");
    FineTuningResult failed =
        run.run(
            settings,
            new FineTuningListener() {
              @Override
              public void onStep(Step made) {
                if (made.step() == 5) {
                  try {
                    Files.move(output, away);
                    Files.writeString(output, "no folder");
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                }
              }
            });

    assertThat(failed.end()).isEqualTo(FineTuningResult.End.FAILED);
    assertThat(failed.failure()).hasMessageContaining("The run ends at step 6");
    Files.delete(output);
    Files.move(away, output);
    assertThat(run.run(settings, FineTuningListener.NONE).end())
        .isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void aPauseHoldsTheRunAndChangesNoBit() throws Exception {
    CountDownLatch paused = new CountDownLatch(1);
    AtomicReference<FineTuning> tuning = new AtomicReference<>();
    AtomicReference<Integer> last = new AtomicReference<>(0);
    tuning.set(
        run.tuning(
            run.settings("out").build(),
            new FineTuningListener() {
              @Override
              public void onStep(Step made) {
                last.set(made.step());
                if (made.step() == 4) {
                  tuning.get().pause();
                }
              }

              @Override
              public void onPaused(boolean now) {
                paused.countDown();
              }
            }));
    tuning.get().start();

    paused.await();
    assertThat(tuning.get().state()).isEqualTo(FineTuning.State.PAUSED);
    assertThat(last.get()).isEqualTo(4);
    tuning.get().resume();
    assertThat(tuning.get().await().end()).isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void aPausedRunCanBeStopped() throws Exception {
    AtomicReference<FineTuning> tuning = new AtomicReference<>();
    CountDownLatch paused = new CountDownLatch(1);
    tuning.set(
        run.tuning(
            run.settings("out").build(),
            new FineTuningListener() {
              @Override
              public void onStep(Step made) {
                if (made.step() == 2) {
                  tuning.get().pause();
                  paused.countDown();
                }
              }
            }));
    tuning.get().start();
    paused.await();
    tuning.get().stop();

    assertThat(tuning.get().await().end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(tuning.get().await().steps()).isEqualTo(2);
  }

  @Test
  public void theDeviceCanStopARun() throws Exception {
    StepGate gate = (step, nanos, told) -> new StepGate.Passage(0, step == 3);
    PowerControl floor = (settings, steps) -> gate;
    FineTuning tuning =
        new FineTuning(
            run.settings("out").build(),
            TinyRun.LIMITS,
            run.folder(),
            floor,
            FineTuningListener.NONE);
    tuning.start();

    assertThat(tuning.await().end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(tuning.await().steps()).isEqualTo(3);
    assertThat(run.folder().resolve("out/checkpoint-3")).isDirectory();
  }

  @Test
  public void aFinishedRunIsNotMadeAgain() throws Exception {
    FineTuningSettings settings = run.settings("out").build();
    FineTuningResult first = run.run(settings, FineTuningListener.NONE);
    List<Integer> steps = new ArrayList<>();
    FineTuningResult again =
        run.run(
            settings,
            new FineTuningListener() {
              @Override
              public void onStep(Step made) {
                steps.add(made.step());
              }
            });

    assertThat(again).isEqualTo(first);
    assertThat(first.steps()).isEqualTo(TinyRun.STEPS);
    assertThat(steps).isEmpty();
  }

  @Test
  public void otherSettingsNeedAnotherFolder() throws Exception {
    run.run(run.settings("out").build(), FineTuningListener.NONE);
    FineTuningResult other = run.run(run.settings("out").rank(4).build(), FineTuningListener.NONE);

    assertThat(other.failure())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(lora_rank)")
        .hasMessageContaining("choose another folder");
  }

  @Test
  public void fullFineTuningKeepsWhatIsTrainedInFiles() throws Exception {
    FineTuningSettings settings = run.settings("full").method(Method.FULL).build();

    assertThat(RunPlan.of(settings, TinyRun.LIMITS).memory().sharded())
        .containsExactlyInAnyOrder(Shards.Kind.values());
    assertThat(run.run(settings, FineTuningListener.NONE).failure()).isNull();
    assertThat(run.folder().resolve("full/model.safetensors")).isRegularFile();
  }

  @Test
  public void aPlanKeepsToTheHeapAndToTheBudget() throws Exception {
    FineTuningSettings settings = run.settings("out").build();
    RunPlan plan = RunPlan.of(settings, TinyRun.LIMITS);
    assertThat(plan.memory().heapBytes()).isLessThanOrEqualTo(256 * TinyRun.MIB);

    MemoryLimits small = new MemoryLimits(30 * TinyRun.MIB, 24 * TinyRun.MIB);
    assertThatThrownBy(() -> RunPlan.of(settings, small))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use shorter sequences");
    FineTuningSettings tight = run.settings("out").memoryBudget(40_000_000).build();
    assertThatThrownBy(() -> RunPlan.of(tight, TinyRun.LIMITS)).hasMessageContaining("40 MB");
  }

  @Test
  public void wrongSettingsAreNamed() {
    assertThatThrownBy(() -> run.settings("out").batchSize(0).build())
        .hasMessageContaining("\"batch_size\", found 0");
    assertThatThrownBy(() -> run.settings("out").put("lora_rnk", 8).build())
        .hasMessageContaining("lora_rnk");
    assertThatThrownBy(() -> run.settings("out").power(101, 0.5).build())
        .hasMessageContaining("found 101");
    assertThatThrownBy(() -> run.settings("out").put("method", "ia3").build())
        .hasMessageContaining("one of [lora, dora, full] as \"method\", found \"ia3\"");
  }

  @Test
  public void anAdapterIsTrainedOn() throws Exception {
    run.run(run.settings("first").rank(4).build(), FineTuningListener.NONE);
    Path adapter = run.folder().resolve("first");
    FineTuningResult second =
        run.run(run.settings("second").adapter(adapter).build(), FineTuningListener.NONE);

    assertThat(second.failure()).isNull();
    assertThat(run.adapter("second").length).isEqualTo(run.adapter("first").length);
    assertThat(run.adapter("second")).isNotEqualTo(run.adapter("first"));
  }
}
