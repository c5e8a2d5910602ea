package org.mobilefinetuner.app;

import android.text.InputType;
import android.view.View;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.Spinner;
import android.widget.TextView;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.FineTuningSettings;
import org.mobilefinetuner.android.MemoryLimits;
import org.mobilefinetuner.android.Method;
import org.mobilefinetuner.android.RunPlan;
import org.mobilefinetuner.plan.MemoryPlan;

/** What is to be trained, on what and how, and what that is going to need. */
final class SetupPanel {
  /** What the panel asks the activity for. */
  interface Actions {
    void addModel();

    void addData();

    void start(FineTuningSettings settings);
  }

  /** How much memory the run may have; 0 bytes for what the device allows. */
  private record Budget(String name, long bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private record MethodItem(String name, Method method) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Budget> BUDGETS =
      List.of(
          new Budget("What the device allows", 0),
          new Budget("150 MB", 150_000_000),
          new Budget("300 MB", 300_000_000),
          new Budget("600 MB", 600_000_000),
          new Budget("1 GB", 1_000_000_000));

  private static final List<MethodItem> METHODS =
      List.of(
          new MethodItem("LoRA", Method.LORA),
          new MethodItem("DoRA", Method.DORA),
          new MethodItem("All weights", Method.FULL));

  private final Ui ui;
  private final Library library;
  private final MemoryLimits limits;
  private final Work work;
  private final Actions actions;
  private final Spinner model;
  private final Spinner data;
  private final Spinner method;
  private final Spinner budget;
  private final EditText steps;
  private final TextView plan;
  private final View start;
  private final LinearLayout demo;
  private final LinearLayout form;

  SetupPanel(Ui ui, Library library, MemoryLimits limits, Work work, Actions actions) {
    this.ui = ui;
    this.library = library;
    this.limits = limits;
    this.work = work;
    this.actions = actions;
    this.model = ui.choice(List.of(), this::plan);
    this.data = ui.choice(List.of(), null);
    this.method = ui.choice(METHODS, this::plan);
    this.budget = ui.choice(BUDGETS, this::plan);
    this.steps = ui.edit("200", InputType.TYPE_CLASS_NUMBER);
    this.plan = ui.small("");
    this.start = ui.primary("Start training", this::start);
    plan.setAccessibilityLiveRegion(View.ACCESSIBILITY_LIVE_REGION_POLITE);
    demo =
        ui.card(
            "See it learn",
            ui.body(
                "A small model learns the words of one household, such as \u201cthe moon\u201d for"
                    + " a night light. It takes a minute or a few, all on this device."),
            ui.primary("Run the demo", this::startDemo),
            ui.body(
                "Or it learns a week of somebody\u2019s health log by heart, to answer questions"
                    + " about it: how long did I sleep on March 3?"),
            ui.secondary("Learn the health log", this::startHealthLog));
    form =
        ui.card(
            "Train a model of yours",
            ui.labelled("Model", model),
            ui.labelled("Examples", data),
            ui.row(
                ui.secondary("Add a model", actions::addModel),
                ui.secondary("Add examples", actions::addData)),
            ui.row(ui.labelled("Method", method), ui.labelled("Steps", steps)),
            ui.labelled("Memory", budget),
            plan,
            start);
  }

  View demo() {
    return demo;
  }

  View form() {
    return form;
  }

  /** Shows the models and the data that are there now. */
  void refresh() throws IOException {
    model.setAdapter(ui.names(library.models()));
    data.setAdapter(ui.names(library.data()));
    start.setEnabled(model.getCount() > 0 && data.getCount() > 0);
    plan();
  }

  private @Nullable FineTuningSettings settings() {
    if (!(model.getSelectedItem() instanceof Library.Item chosenModel)
        || !(data.getSelectedItem() instanceof Library.Item chosenData)) {
      return null;
    }
    FineTuningSettings.Builder builder =
        FineTuningSettings.of(chosenModel.path(), chosenData.path(), library.newRun(chosenModel))
            .method(METHODS.get(method.getSelectedItemPosition()).method())
            .maxSteps(number())
            .put("logging_steps", 1);
    Budget chosen = BUDGETS.get(budget.getSelectedItemPosition());
    return (chosen.bytes() == 0 ? builder : builder.memoryBudget(chosen.bytes())).build();
  }

  private int number() {
    String text = steps.getText().toString();
    return text.matches("[1-9][0-9]{0,6}") ? Integer.parseInt(text) : 1;
  }

  private void start() {
    FineTuningSettings settings = settings();
    if (settings != null) {
      actions.start(settings);
    }
  }

  /** The run of {@code mft quickstart}. */
  private void startDemo() {
    actions.start(demo(Library.DEMO).maxSteps(300).learningRate(3e-3).build());
  }

  /** The run of {@code quickstart/health-log/lora.yaml}. */
  private void startHealthLog() {
    actions.start(demo(Library.HEALTH).maxSteps(600).rank(16).alpha(32).learningRate(5e-3).build());
  }

  private FineTuningSettings.Builder demo(String name) {
    Library.Item model = new Library.Item(library.model(Library.DEMO));
    Library.Item data = new Library.Item(library.dataFile(name + ".jsonl"));
    return FineTuningSettings.of(model.path(), data.path(), library.newRun(data))
        .batchSize(8)
        .seed(1)
        .put("warmup_steps", 20)
        .put("logging_steps", 1);
  }

  /** Predicts what the run would need. */
  private void plan() {
    FineTuningSettings settings = settings();
    if (settings == null) {
      plan.setText("Add a model and examples to begin.");
      return;
    }
    work.later(() -> describe(settings), plan::setText);
  }

  private String describe(FineTuningSettings settings) throws IOException {
    try {
      MemoryPlan memory = RunPlan.of(settings, limits).memory();
      return String.format(
          Locale.getDefault(),
          "Needs about %,d MB, %,d MB of them on the heap of at most %,d MB. Steps of %d \u00d7 %d"
              + " examples, %s.",
          megabytes(memory.totalBytes()),
          megabytes(memory.heapBytes()),
          megabytes(limits.heapBytes()),
          memory.accumulation(),
          memory.batchSize(),
          memory.relativeTime() < 1.1
              ? "at full speed"
              : String.format(
                  Locale.getDefault(),
                  "%.1f times slower than without limit",
                  memory.relativeTime()));
    } catch (IllegalArgumentException e) {
      return "Not within this device: " + e.getMessage();
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000;
  }
}
