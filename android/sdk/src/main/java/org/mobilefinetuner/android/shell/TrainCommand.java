package org.mobilefinetuner.android.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.android.DevicePower;
import org.mobilefinetuner.android.FineTuning;
import org.mobilefinetuner.android.FineTuningListener;
import org.mobilefinetuner.android.FineTuningResult;
import org.mobilefinetuner.android.FineTuningSettings;
import org.mobilefinetuner.android.MemoryLimits;
import org.mobilefinetuner.android.PowerControl;
import org.mobilefinetuner.android.RunPlan;
import org.mobilefinetuner.energy.SysfsProbe;

/** {@code train}: the options of {@code mft train} that {@link FineTuningSettings} knows. */
final class TrainCommand {
  private static final int ENDED_BY_POWER = 75; // as mft train: the same command goes on later

  private static final Set<String> TEXTS =
      Set.of("adapter", "lr_scheduler_type", "method", "valid_data");

  private final PrintStream out;

  TrainCommand(PrintStream out) {
    this.out = out;
  }

  int run(Arguments arguments) throws IOException {
    FineTuningSettings.Builder builder =
        FineTuningSettings.of(
            arguments.path("model"), arguments.path("data"), arguments.path("output_dir"));
    for (Map.Entry<String, String> option : arguments.rest().entrySet()) {
      builder.put(option.getKey(), value(option.getKey(), option.getValue()));
    }
    FineTuningSettings settings = builder.build();
    Path scratch = settings.output();
    Files.createDirectories(scratch);
    FineTuningResult outcome =
        FineTuning.runHere(settings, MemoryLimits.ofProcess(), scratch, power(), new Lines());
    out.printf(
        Locale.ROOT,
        "%s after %d steps, mean loss %.3f; %s%n",
        outcome.end() == FineTuningResult.End.FINISHED ? "Finished" : "Stopped",
        outcome.steps(),
        outcome.loss(),
        outcome.folder());
    return outcome.end() == FineTuningResult.End.FINISHED ? 0 : ENDED_BY_POWER;
  }

  /** The sensors whose files the shell may read. */
  private static PowerControl power() {
    return new DevicePower(new SysfsProbe(Paths.get("/sys")), () -> 0, List.of());
  }

  /** As JSON has it: numbers are numbers, names of modules a list, sizes bytes. */
  private static Object value(String name, String text) {
    if (TEXTS.contains(name)) {
      return text;
    }
    if (name.equals("lora_targets")) {
      return Arrays.asList(text.split(",", -1));
    }
    if (name.equals("wait_for_power") || name.equals("only_charging")) {
      return text.equals("true") ? (Object) true : text.equals("false") ? (Object) false : text;
    }
    if (name.equals("memory_budget")) {
      return bytes(text);
    }
    try {
      return text.matches("-?[0-9]{1,18}") ? (Object) Long.parseLong(text) : Double.valueOf(text);
    } catch (NumberFormatException e) {
      return text; // the settings say what was wanted
    }
  }

  private static Object bytes(String text) {
    String size = text.toUpperCase(Locale.ROOT).replaceAll("B$", "");
    String number = size.replaceAll("[MG]$", "");
    if (!number.matches("[0-9]{1,12}(\\.[0-9]{1,3})?")) {
      return text;
    }
    double unit = size.endsWith("G") ? 1e9 : size.endsWith("M") ? 1e6 : 1;
    return (long) (Double.parseDouble(number) * unit);
  }

  /** A line for the plan, for each step and each evaluation. */
  private final class Lines implements FineTuningListener {
    private int steps;

    @Override
    public void onStart(RunPlan plan, int firstStep, int all) {
      steps = all;
      out.printf(
          Locale.ROOT,
          "Memory plan: %,d MB, %,d MB of them on the heap; steps of %d x %d sequences%s%n",
          plan.memory().totalBytes() / 1_000_000,
          plan.memory().heapBytes() / 1_000_000,
          plan.memory().accumulation(),
          plan.memory().batchSize(),
          firstStep == 0 ? "" : "; goes on after step " + firstStep);
    }

    @Override
    public void onStep(Step step) {
      out.printf(
          Locale.ROOT,
          "step %d/%d  loss %.4f  %.0f tokens/s%n",
          step.step(),
          steps,
          step.loss(),
          step.tokens() * 1e9 / step.elapsedNanos());
      out.flush();
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
      out.printf(
          Locale.ROOT,
          "evaluation after step %d  loss %.4f%s%n",
          evaluation.step(),
          evaluation.loss(),
          evaluation.best() ? "  best" : "");
    }

    @Override
    public void onDecision(Decision decision) {
      out.printf(Locale.ROOT, "speed %.0f %%: %s%n", decision.rate() * 100, decision.reason());
    }

    @Override
    public void onWarning(Warning warning) {
      out.println("warning: " + warning.message() + " " + warning.advice());
    }
  }
}
