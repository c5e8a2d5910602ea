package org.mobilefinetuner.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.ActivityManager;
import android.app.Application;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.net.Uri;
import android.os.IBinder;
import android.os.Looper;
import android.view.View;
import android.view.ViewGroup;
import android.widget.Button;
import android.widget.EditText;
import android.widget.ImageView;
import android.widget.ScrollView;
import android.widget.TextView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.mobilefinetuner.android.FineTuningResult;
import org.mobilefinetuner.android.FineTuningService;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.train.TrainingListener;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.android.controller.ServiceController;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.GraphicsMode;

/** Draws the app as devices would, into target/screens, and looks for what people stumble over. */
@NullUnmarked
@RunWith(RobolectricTestRunner.class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
public class ScreensTest {
  private static final String PHONE = "w393dp-h852dp-port-xhdpi";
  private static final String TABLET = "w1280dp-h800dp-land-hdpi";

  @Before
  public void fill() throws IOException {
    Context app = RuntimeEnvironment.getApplication();
    Shadows.shadowOf(app.getSystemService(ActivityManager.class)).setMemoryClass(256);
    Path files = Paths.get(app.getFilesDir().getPath());
    Path quickstart = Paths.get(System.getProperty("mft.root"), "quickstart");
    Path model = Files.createDirectories(files.resolve("models").resolve(Library.DEMO));
    for (String name :
        new String[] {
          "config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"
        }) {
      Files.copy(quickstart.resolve("model").resolve(name), model.resolve(name));
    }
    Path data = Files.createDirectories(files.resolve("data")).resolve(Library.DEMO + ".jsonl");
    Files.copy(quickstart.resolve("train.jsonl"), data);
    Files.copy(quickstart.resolve("show.jsonl"), new Library(app).questions(data));
    Path health = data.resolveSibling(Library.HEALTH + ".jsonl");
    Files.copy(quickstart.resolve("health-log/train.jsonl"), health);
    Files.copy(quickstart.resolve("health-log/show.jsonl"), new Library(app).questions(health));
    run(files, model, data, "2026-03-01 21.10.00 " + Library.DEMO, 3.2, 90);
    run(files, model, data, "2026-03-02 21.30.00 " + Library.DEMO, 2.9, 60);
    MainActivity.watch(training());
  }

  @After
  public void forget() {
    MainActivity.watch(null);
  }

  private static double loss(int step, double from, double halves) {
    double noise = 0.12 * Math.sin(step * 2.399) + 0.07 * Math.sin(step * 7.1);
    return from * Math.pow(0.5, step / halves) * (1 + noise) + 0.15;
  }

  /** The files of a run that is finished. */
  private static void run(
      Path files, Path model, Path data, String name, double from, double halves)
      throws IOException {
    Path folder = Files.createDirectories(files.resolve("runs").resolve(name));
    JsonObject settings =
        JsonObject.empty()
            .put("model", model.toString())
            .put("data", data.toString())
            .put("output_dir", folder.toString());
    Files.writeString(folder.resolve("run.yaml"), settings.pretty());
    List<String> lines = new ArrayList<>();
    for (int step = 1; step <= 300; step++) {
      lines.add("{\"step\": " + step + ", \"loss\": " + loss(step, from, halves) + "}");
    }
    lines.add("{\"step\": 301, \"lo");
    Files.write(folder.resolve("metrics.jsonl"), lines);
    Files.writeString(folder.resolve("train_results.json"), "{}");
    Files.writeString(folder.resolve("adapter_model.safetensors"), "");
  }

  /** A run on a phone that has become warm. */
  private static RunHistory training() {
    RunHistory history = new RunHistory("demo");
    history.onStart(null, 0, 300);
    for (int step = 1; step <= 190; step++) {
      history.onStep(
          new TrainingListener.Step(
              step,
              0.1,
              loss(step, 3, 70),
              1,
              1e-3f,
              260,
              260L * step,
              90_000_000L,
              60_000_000L,
              new TrainingListener.Phases(0, 0, 0, 0, 0),
              0));
    }
    history.onDevice(
        new TrainingListener.Device(
            190,
            new DeviceReading(
                OptionalDouble.of(57),
                false,
                OptionalDouble.of(3.1),
                OptionalDouble.of(38.4),
                OptionalDouble.empty(),
                OptionalInt.of(1),
                OptionalDouble.empty(),
                null)));
    history.onDecision(
        new TrainingListener.Decision(
            190, 0.6, false, "temperature", "battery at 38.4 °C, target 37.0 °C"));
    return history;
  }

  private static MainActivity open(String qualifiers) throws InterruptedException {
    RuntimeEnvironment.setQualifiers(qualifiers);
    MainActivity activity = Robolectric.buildActivity(MainActivity.class).setup().get();
    settle(activity);
    return activity;
  }

  /** Work shows its results on the main thread, which may ask for more work. */
  private static void settle(MainActivity activity) throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      activity.awaitWork();
      shadowOf(Looper.getMainLooper()).idle();
    }
  }

  /** Draws all of the screen, also what has to be scrolled to. */
  private static Bitmap draw(MainActivity activity, String name) throws IOException {
    ViewGroup content = activity.findViewById(android.R.id.content);
    ScrollView scroll = (ScrollView) content.getChildAt(0);
    int width = activity.getResources().getDisplayMetrics().widthPixels;
    int least = activity.getResources().getDisplayMetrics().heightPixels;
    int exactly = View.MeasureSpec.makeMeasureSpec(width, View.MeasureSpec.EXACTLY);
    scroll.measure(exactly, View.MeasureSpec.makeMeasureSpec(0, View.MeasureSpec.UNSPECIFIED));
    int height = Math.max(least, scroll.getMeasuredHeight());
    scroll.measure(exactly, View.MeasureSpec.makeMeasureSpec(height, View.MeasureSpec.EXACTLY));
    scroll.layout(0, 0, width, height);
    Bitmap bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888);
    scroll.draw(new Canvas(bitmap));
    Path folder = Files.createDirectories(Paths.get("target", "screens"));
    try (OutputStream out = Files.newOutputStream(folder.resolve(name + ".png"))) {
      bitmap.compress(Bitmap.CompressFormat.PNG, 100, out);
    }
    return bitmap;
  }

  private static void eachView(View view, Consumer<View> action) {
    action.accept(view);
    if (view instanceof ViewGroup group) {
      for (int i = 0; i < group.getChildCount(); i++) {
        eachView(group.getChildAt(i), action);
      }
    }
  }

  /** What a screen reader calls a view: its own words, or those of its label. */
  private static String spoken(MainActivity activity, View view) {
    StringBuilder words = new StringBuilder();
    if (view.getContentDescription() != null) {
      words.append(view.getContentDescription());
    }
    if (view instanceof Button button) {
      words.append(button.getText());
    }
    eachView(
        activity.findViewById(android.R.id.content),
        label -> {
          if (view.getId() != View.NO_ID && label.getLabelFor() == view.getId()) {
            words.append(((TextView) label).getText());
          }
        });
    return words.toString();
  }

  private static void check(MainActivity activity) {
    float density = activity.getResources().getDisplayMetrics().density;
    eachView(
        activity.findViewById(android.R.id.content),
        view -> {
          if (view.isShown() && view.isClickable()) {
            assertThat(view.getHeight() / density).as("height of " + view).isGreaterThan(47.5f);
            assertThat(view.getWidth() / density).as("width of " + view).isGreaterThan(47.5f);
            assertThat(spoken(activity, view)).as("what TalkBack says of " + view).isNotBlank();
          }
          if (view instanceof ImageView) {
            assertThat(view.getContentDescription()).as("of " + view).isNotNull();
          }
          if (view instanceof LossChart) {
            assertThat(view.getContentDescription()).isNotNull();
          }
          if (view instanceof TextView text && view.isShown() && !(view instanceof EditText)) {
            assertThat(text.getLayout() == null || text.getLayout().getEllipsisCount(0) == 0)
                .as("all of " + text.getText())
                .isTrue();
          }
        });
  }

  private static boolean says(MainActivity activity, String words) {
    boolean[] found = {false};
    eachView(
        activity.findViewById(android.R.id.content),
        view ->
            found[0] |= view instanceof TextView text && text.getText().toString().contains(words));
    return found[0];
  }

  private static boolean shown(MainActivity activity, String words) {
    boolean[] found = {false};
    eachView(
        activity.findViewById(android.R.id.content),
        view ->
            found[0] |=
                view.isShown()
                    && view instanceof TextView text
                    && text.getText().toString().equals(words));
    return found[0];
  }

  private static <T extends View> T find(MainActivity activity, Class<T> type, String words) {
    List<T> found = new ArrayList<>();
    eachView(
        activity.findViewById(android.R.id.content),
        view -> {
          if (type.isInstance(view)
              && view instanceof TextView text
              && text.getText().toString().equals(words)) {
            found.add(type.cast(view));
          }
        });
    return found.get(0);
  }

  /** From the button to the answers, with the training in between. */
  @Test
  @Config(qualifiers = PHONE)
  public void aRunIsStartedWatchedAndAsked() throws Exception {
    MainActivity.watch(null);
    Application app = RuntimeEnvironment.getApplication();
    ServiceController<FineTuningService> service =
        Robolectric.buildService(FineTuningService.class).create();
    IBinder binder = service.get().onBind(new Intent());
    shadowOf(app)
        .setComponentNameAndServiceForBindService(
            new ComponentName(app, FineTuningService.class), binder);
    MainActivity activity = open(PHONE);
    assertThat(says(activity, "Nothing is being trained")).isTrue();

    find(activity, EditText.class, "200").setText("3");
    find(activity, Button.class, "Start training").performClick();
    Intent started = shadowOf(app).getNextStartedService();
    while (!FineTuningService.START.equals(started.getAction())) { // binding counts as starting
      started = shadowOf(app).getNextStartedService();
    }
    service.get().onStartCommand(started, 0, 1);
    FineTuningResult outcome = ((FineTuningService.Local) binder).tuning().await();
    assertThat(outcome.failure()).isNull();
    activity.onStart(); // looks again
    settle(activity);
    assertThat(says(activity, "Finished after 3 steps")).isTrue();
    assertThat(says(activity, "LoRA, step 3, loss")).isTrue();

    find(activity, Button.class, "Answers").performClick();
    settle(activity);
    assertThat(says(activity, "what was my pulse on march 8?")).isTrue();
    assertThat(says(activity, "After")).isTrue();
    draw(activity, "phone-answers");
    check(activity);

    find(activity, Button.class, "Share").performClick();
    settle(activity);
    Intent chooser = shadowOf(activity).getNextStartedActivity();
    Intent send = chooser.getParcelableExtra(Intent.EXTRA_INTENT, Intent.class);
    assertThat(send.getType()).isEqualTo("application/zip");
    assertThat(send.getParcelableExtra(Intent.EXTRA_STREAM, Uri.class).getLastPathSegment())
        .endsWith(".zip");
    assertThat(Paths.get(app.getCacheDir().getPath(), "share")).isNotEmptyDirectory();
  }

  /** How bright a colour is, from 0 to 1 (WCAG 2). */
  private static double luminance(int color) {
    return android.graphics.Color.luminance(color);
  }

  private static double contrast(int one, int other) {
    double a = luminance(one);
    double b = luminance(other);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  private void screen(String qualifiers, String name) throws Exception {
    MainActivity activity = open(qualifiers);
    Bitmap bitmap = draw(activity, name);
    check(activity);
    Palette colors = Palette.of(activity);
    assertThat(bitmap.getPixel(2, 2)).isEqualTo(colors.background());
    assertThat(says(activity, "Training, step 190 of 300")).isTrue();
    assertThat(says(activity, "Slowed down: battery at 38.4")).isTrue();
    assertThat(says(activity, "Needs about")).isTrue();
    assertThat(says(activity, "LoRA, step 300")).isTrue();
    for (int text : new int[] {colors.ink(), colors.muted(), colors.accent(), colors.warning()}) {
      assertThat(contrast(text, colors.card())).isGreaterThan(4.5);
      assertThat(contrast(text, colors.background())).isGreaterThan(4.5);
    }
    assertThat(contrast(colors.onAccent(), colors.accent())).isGreaterThan(4.5);
  }

  /** As it is when the app has just been installed. */
  @Test
  @Config(qualifiers = PHONE)
  public void theFirstTime() throws Exception {
    MainActivity.watch(null);
    AtomicFolder.delete(
        Paths.get(RuntimeEnvironment.getApplication().getFilesDir().getPath(), "runs"));
    MainActivity activity = open(PHONE);
    draw(activity, "phone-first");
    check(activity);
    assertThat(says(activity, "No runs yet")).isTrue();
    assertThat(shown(activity, "Tokens/s")).isFalse();
  }

  @Test
  @Config(qualifiers = PHONE)
  public void aPausedRunCanGoOn() throws Exception {
    RunHistory history = training();
    history.onPaused(true);
    MainActivity.watch(history);
    MainActivity activity = open("+night");
    draw(activity, "phone-paused");
    check(activity);
    assertThat(says(activity, "Paused at step 190 of 300")).isTrue();
    assertThat(shown(activity, "Resume")).isTrue();
  }

  @Test
  @Config(qualifiers = TABLET)
  public void aFullStorageIsSaid() throws Exception {
    RunHistory history = training();
    history.onResult(
        new FineTuningResult(
            FineTuningResult.End.FAILED,
            190,
            1,
            Paths.get("run"),
            new IOException("expected 2.1 MB of free storage, found 0.4 MB; delete something")));
    MainActivity.watch(history);
    MainActivity activity = open(TABLET);
    draw(activity, "tablet-failed");
    check(activity);
    assertThat(says(activity, "Failed: expected 2.1 MB")).isTrue();
    assertThat(shown(activity, "Pause")).isFalse();
  }

  @Test
  @Config(qualifiers = PHONE)
  public void phoneByDay() throws Exception {
    screen(PHONE, "phone-light");
  }

  @Test
  @Config(qualifiers = PHONE)
  public void phoneByNight() throws Exception {
    screen("+night", "phone-dark");
  }

  @Test
  @Config(qualifiers = TABLET)
  public void tabletByDay() throws Exception {
    screen(TABLET, "tablet-light");
  }

  @Test
  @Config(qualifiers = TABLET)
  public void tabletByNight() throws Exception {
    screen("+night", "tablet-dark");
  }
}
