package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;

/** A device whose storage becomes full. */
@NullUnmarked
@RunWith(RobolectricTestRunner.class)
public class StorageTest {
  private static final long MUCH = 1L << 40;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private final AtomicLong free = new AtomicLong(MUCH);
  private TinyRun run;
  private FineTuningSettings settings;

  @Before
  public void write() throws IOException {
    run = TinyRun.in(folder.getRoot().toPath());
    settings = run.settings("out").build();
  }

  private FineTuningResult attempt(FineTuningListener listener) throws InterruptedException {
    FineTuning tuning =
        new FineTuning(
            settings,
            TinyRun.LIMITS,
            run.folder(),
            new Storage(path -> free.get()),
            PowerControl.NONE,
            listener);
    tuning.start();
    return tuning.await();
  }

  /** Fills the storage after a step, before its checkpoint. */
  private FineTuningListener fillAt(int step) {
    return new FineTuningListener() {
      @Override
      public void onStep(Step made) {
        if (made.step() == step) {
          free.set(1000);
        }
      }
    };
  }

  @Test
  public void aFullStorageEndsTheAttemptAndLosesNothing() throws Exception {
    FineTuningResult full = attempt(fillAt(5));

    assertThat(full.end()).isEqualTo(FineTuningResult.End.FAILED);
    assertThat(full.canGoOn()).isTrue();
    assertThat(full.failure())
        .isInstanceOf(NoRoomException.class)
        .hasMessageContaining("MB of free storage for a checkpoint, found 0.0 MB")
        .hasMessageContaining("delete something")
        .hasMessageContaining("The run ends at step 6 and can go on from")
        .hasMessageContaining("checkpoint-3");
    assertThat(run.folder().resolve("out/checkpoint-3/SHA256SUMS")).isRegularFile();
    assertThat(run.folder().resolve("out/checkpoint-6")).doesNotExist();
    assertThat(run.folder().resolve("out/checkpoint-6.tmp")).doesNotExist();

    free.set(MUCH);
    assertThat(attempt(FineTuningListener.NONE).end()).isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void anAttemptWithoutRoomDoesNotBegin() throws Exception {
    free.set(1000);
    FineTuningResult full = attempt(FineTuningListener.NONE);

    assertThat(full.failure()).isInstanceOf(NoRoomException.class);
    assertThat(run.folder().resolve("out")).doesNotExist();
  }

  @Test
  public void otherFailuresAreNotBlamedOnTheStorage() throws Exception {
    settings = run.settings("out").maxLength(1000).build();
    assertThat(attempt(FineTuningListener.NONE).canGoOn()).isFalse();
  }
}
