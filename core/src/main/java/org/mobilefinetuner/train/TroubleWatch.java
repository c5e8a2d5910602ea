package org.mobilefinetuner.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.Divergence;
import org.mobilefinetuner.metrics.LoadingStall;
import org.mobilefinetuner.metrics.LossSpike;
import org.mobilefinetuner.metrics.Plateau;
import org.mobilefinetuner.metrics.Symptom;
import org.mobilefinetuner.metrics.Symptom.Finding;

/** Looks for signs of trouble in a run and tells of each kind once. */
public final class TroubleWatch implements TrainingListener {
  private final List<Symptom> symptoms;
  private final Set<String> told;
  private final TrainingListener listener;
  private final int steps;
  private int step;

  /**
   * @param symptoms what to look for
   * @param steps of the run
   * @param history the lines of the run's log so far: of what they warn nothing is told again
   * @param listener told what is found
   */
  public TroubleWatch(
      List<Symptom> symptoms, int steps, List<JsonObject> history, TrainingListener listener) {
    this.symptoms = symptoms;
    this.steps = steps;
    this.told = warned(history);
    this.listener = listener;
  }

  private static Set<String> warned(List<JsonObject> history) {
    Set<String> kinds = new HashSet<>();
    for (JsonObject line : history) {
      if ("warning".equals(line.get("event"))) {
        kinds.add(String.valueOf(line.get("kind")));
      }
    }
    return kinds;
  }

  /** What can go wrong in any run of so many steps. */
  public static List<Symptom> usual(int steps) {
    List<Symptom> usual = new ArrayList<>();
    usual.add(new LossSpike());
    usual.add(new Divergence());
    usual.add(new Plateau(steps));
    usual.add(new LoadingStall());
    return usual;
  }

  @Override
  public void onStep(Step now) {
    step = now.step();
    long waited = now.phases().dataNanos() + now.phases().scratchNanos();
    Symptom.Sample sample = new Symptom.Sample(step, steps, now.loss(), now.elapsedNanos(), waited);
    look(symptom -> symptom.step(sample));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    look(symptom -> symptom.evaluation(evaluation.loss()));
  }

  private void look(Function<Symptom, Optional<Finding>> question) {
    for (Symptom symptom : symptoms) {
      question.apply(symptom).ifPresent(this::tell);
    }
  }

  private void tell(Finding finding) {
    if (told.add(finding.kind())) {
      listener.onWarning(
          new TrainingListener.Warning(step, finding.kind(), finding.message(), finding.advice()));
    }
  }
}
