package org.mobilefinetuner.app;

import android.os.Handler;
import android.os.Looper;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Slow work, one thing after the other, on a thread of its own; results on the main thread. */
final class Work {
  /** Slow work, such as reading files. */
  interface Slow<T> {
    T make() throws IOException;
  }

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Handler main = new Handler(Looper.getMainLooper());
  private final Consumer<String> failed;

  /**
   * @param failed told what went wrong, on the main thread
   */
  Work(Consumer<String> failed) {
    this.failed = failed;
  }

  <T> void later(Slow<T> work, Consumer<T> shown) {
    thread.execute(
        () -> {
          try {
            T result = work.make();
            main.post(() -> shown.accept(result));
          } catch (IOException | RuntimeException e) {
            main.post(() -> failed.accept(String.valueOf(e.getMessage())));
          }
        });
  }

  /** Waits until everything that was asked for is done. */
  void await() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    thread.execute(done::countDown);
    done.await();
  }

  void end() {
    thread.shutdown();
  }
}
