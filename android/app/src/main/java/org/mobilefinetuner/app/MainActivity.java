package org.mobilefinetuner.app;

import android.Manifest;
import android.app.Activity;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.ServiceConnection;
import android.content.pm.PackageManager;
import android.net.Uri;
import android.os.Build;
import android.os.Bundle;
import android.os.Handler;
import android.os.IBinder;
import android.os.Looper;
import android.widget.Toast;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.FineTuning;
import org.mobilefinetuner.android.FineTuningService;
import org.mobilefinetuner.android.FineTuningSettings;
import org.mobilefinetuner.android.MemoryLimits;

/** The one screen of the app: on a tablet in two columns, on a phone in one. */
public final class MainActivity extends Activity {
  private static final int ADD_MODEL = 1;
  private static final int ADD_DATA = 2;
  private static final long REFRESH = 500; // milliseconds

  /** The run outlives the activity, which Android makes anew as it likes. */
  private static @Nullable RunHistory current;

  private final Handler main = new Handler(Looper.getMainLooper());
  private final Runnable refresh = this::refresh;
  private final Work work = new Work(this::complain);
  private Library library;
  private SetupPanel setup;
  private RunPanel run;
  private RunsPanel runs;
  private AnswersPanel answers;
  private FineTuningService.@Nullable Local service;
  private boolean ended = true;

  private final ServiceConnection connection =
      new ServiceConnection() {
        @Override
        public void onServiceConnected(ComponentName name, IBinder binder) {
          service = (FineTuningService.Local) binder;
        }

        @Override
        public void onServiceDisconnected(ComponentName name) {
          service = null;
        }
      };

  /** Shows a run as if it were being made here; for tests. */
  static void watch(@Nullable RunHistory history) {
    current = history;
  }

  /**
   * Waits until all slow work that was asked for is done, but not what is shown of it; for tests.
   */
  void awaitWork() throws InterruptedException {
    work.await();
  }

  @Override
  protected void onCreate(@Nullable Bundle saved) {
    Palette colors = Palette.of(this);
    setTheme(
        colors.night()
            ? android.R.style.Theme_DeviceDefault_NoActionBar
            : android.R.style.Theme_DeviceDefault_Light_NoActionBar);
    super.onCreate(saved);
    Ui ui = new Ui(this);
    library = new Library(this);
    setup = new SetupPanel(ui, library, MemoryLimits.of(this), work, new SetupActions());
    run = new RunPanel(ui, new RunActions());
    runs = new RunsPanel(ui, new PastActions());
    answers = new AnswersPanel(ui, work);
    new Layout(ui).show(this, setup, run, answers, runs);
    bindService(new Intent(this, FineTuningService.class), connection, Context.BIND_AUTO_CREATE);
    work.later(
        () -> {
          library.installDemo();
          return library;
        },
        installed -> refreshLibrary());
  }

  @Override
  public void onStart() {
    super.onStart();
    refresh();
  }

  @Override
  protected void onStop() {
    main.removeCallbacks(refresh);
    super.onStop();
  }

  @Override
  protected void onDestroy() {
    unbindService(connection);
    work.end();
    super.onDestroy();
  }

  /** Shows how far the run is, again and again while it is seen. */
  private void refresh() {
    @Nullable RunHistory history = current;
    RunHistory.@Nullable Moment now = history == null ? null : history.now();
    run.show(now);
    boolean endedNow = now == null || now.outcome() != null;
    if (endedNow && !ended) {
      refreshLibrary();
    }
    ended = endedNow;
    main.removeCallbacks(refresh);
    main.postDelayed(refresh, REFRESH);
  }

  private void refreshLibrary() {
    try {
      setup.refresh();
    } catch (IOException e) {
      complain(String.valueOf(e.getMessage()));
    }
    work.later(this::pastRuns, runs::show);
  }

  private List<PastRun> pastRuns() throws IOException {
    List<PastRun> past = new ArrayList<>();
    for (Path folder : library.runs()) {
      try {
        past.add(PastRun.read(folder));
      } catch (IOException e) {
        android.util.Log.w("MobileFineTuner", "Not a run: " + folder, e);
      }
    }
    return past;
  }

  private void complain(String message) {
    Toast.makeText(this, message, Toast.LENGTH_LONG).show();
  }

  private void train(FineTuningSettings settings) {
    if (!ended) {
      complain("A run is being made; stop it first.");
      return;
    }
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU
        && checkSelfPermission(Manifest.permission.POST_NOTIFICATIONS)
            != PackageManager.PERMISSION_GRANTED) {
      requestPermissions(new String[] {Manifest.permission.POST_NOTIFICATIONS}, 0);
    }
    RunHistory history = new RunHistory(settings.output().getFileName().toString());
    FineTuningService.Local bound = service;
    if (bound == null) {
      complain("The training service has not started yet; try again.");
      return;
    }
    if (current != null) {
      bound.unwatch(current);
    }
    bound.watch(history);
    current = history;
    ended = false;
    FineTuningService.start(this, settings);
    refresh();
  }

  private void choose(String action, int request) {
    Intent intent = new Intent(action);
    if (action.equals(Intent.ACTION_OPEN_DOCUMENT)) {
      intent.addCategory(Intent.CATEGORY_OPENABLE).setType("*/*");
    }
    startActivityForResult(intent, request);
  }

  @Override
  protected void onActivityResult(int request, int result, @Nullable Intent chosen) {
    @Nullable Uri uri = chosen == null ? null : chosen.getData();
    if (result == RESULT_OK && uri != null) {
      Importer importer = new Importer(getContentResolver(), library);
      work.later(
          () -> request == ADD_MODEL ? importer.model(uri) : importer.data(uri),
          name -> refreshLibrary());
    }
  }

  private final class SetupActions implements SetupPanel.Actions {
    @Override
    public void addModel() {
      choose(Intent.ACTION_OPEN_DOCUMENT_TREE, ADD_MODEL);
    }

    @Override
    public void addData() {
      choose(Intent.ACTION_OPEN_DOCUMENT, ADD_DATA);
    }

    @Override
    public void start(FineTuningSettings settings) {
      train(settings);
    }
  }

  private final class RunActions implements RunPanel.Actions {
    private void tell(java.util.function.Consumer<FineTuning> change) {
      FineTuningService.Local bound = service;
      FineTuning tuning = bound == null ? null : bound.tuning();
      if (tuning != null) {
        change.accept(tuning);
        refresh();
      }
    }

    @Override
    public void pause() {
      tell(FineTuning::pause);
    }

    @Override
    public void resume() {
      tell(FineTuning::resume);
    }

    @Override
    public void stop() {
      tell(FineTuning::stop);
    }
  }

  private final class PastActions implements RunsPanel.Actions {
    @Override
    public void answers(PastRun past) {
      answers.show(past, library.questions(past.settings().data()));
    }

    @Override
    public void share(PastRun past) {
      work.later(
          () -> ShareProvider.share(MainActivity.this, past.folder()),
          MainActivity.this::startActivity);
    }

    @Override
    public void goOn(PastRun past) {
      train(past.settings());
    }
  }
}
