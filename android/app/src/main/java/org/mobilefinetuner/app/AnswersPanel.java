package org.mobilefinetuner.app;

import android.text.InputType;
import android.view.View;
import android.view.ViewGroup;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.FineTunedModel;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;

/** What a model answers before and after a run. */
final class AnswersPanel {
  private static final int MOST = 48; // tokens of an answer

  /** A question and both answers. */
  record Answer(String prompt, String before, String after) {}

  private final Ui ui;
  private final Work work;
  private final LinearLayout answers;
  private final EditText question;
  private final LinearLayout card;
  private @Nullable PastRun run;

  AnswersPanel(Ui ui, Work work) {
    this.ui = ui;
    this.work = work;
    this.answers = ui.column();
    this.question = ui.edit("", InputType.TYPE_CLASS_TEXT);
    question.setHint("Ask something");
    this.card =
        ui.card(
            "Before and after",
            answers,
            ui.labelled("A question of yours", question),
            ui.secondary("Ask both", this::ask));
    card.setVisibility(View.GONE);
  }

  View view() {
    return card;
  }

  /** Asks the questions of a file, if there are some, of the models before and after a run. */
  void show(PastRun finished, @Nullable Path questions) {
    run = finished;
    answers.removeAllViews();
    card.setVisibility(View.VISIBLE);
    if (questions != null) {
      work.later(() -> answersOf(finished, prompts(questions)), this::show);
    }
  }

  private void ask() {
    PastRun asked = run;
    String prompt = question.getText().toString();
    if (asked != null && !prompt.isEmpty()) {
      work.later(() -> answersOf(asked, List.of(prompt)), this::show);
    }
  }

  /** Shows answers below those that are there. */
  void show(List<Answer> more) {
    for (Answer answer : more) {
      TextView before = ui.body(answer.before());
      before.setTextColor(ui.colors().muted());
      LinearLayout pair =
          ui.column(
              ui.small(question(answer.prompt())),
              labelled("Before", before),
              labelled("After", ui.body(answer.after())));
      pair.setPadding(ui.dp(14), ui.dp(12), ui.dp(14), ui.dp(12));
      pair.setBackground(ui.rounded(ui.colors().background(), 12));
      pair.setScreenReaderFocusable(true);
      LinearLayout.LayoutParams place =
          new LinearLayout.LayoutParams(
              ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT);
      place.bottomMargin = ui.dp(8);
      answers.addView(pair, place);
    }
  }

  /** A prompt without the arrow that the demo's model waits for. */
  private static String question(String prompt) {
    return prompt.endsWith(" =>") ? prompt.substring(0, prompt.length() - 3) : prompt;
  }

  private View labelled(String name, TextView words) {
    LinearLayout line = new LinearLayout(ui.context());
    line.setPadding(0, ui.dp(6), 0, 0);
    line.addView(
        ui.text(name, 13, ui.colors().accent()),
        new LinearLayout.LayoutParams(ui.dp(60), ViewGroup.LayoutParams.WRAP_CONTENT));
    line.addView(words, new LinearLayout.LayoutParams(0, ViewGroup.LayoutParams.WRAP_CONTENT, 1));
    return line;
  }

  private static List<String> prompts(Path questions) throws IOException {
    List<String> prompts = new ArrayList<>();
    if (Files.exists(questions)) {
      for (String line : TextFile.read(questions).split("\n", -1)) {
        if (!line.isEmpty()) {
          prompts.add(JsonObject.parse(questions.toString(), line).string("prompt"));
        }
      }
    }
    return prompts;
  }

  private static List<Answer> answersOf(PastRun run, List<String> prompts) throws IOException {
    List<Answer> answers = new ArrayList<>();
    Path model = run.settings().model();
    Path trained = run.hasAdapter() ? model : run.folder();
    @Nullable Path adapter = run.hasAdapter() ? run.folder() : null;
    try (FineTunedModel before = FineTunedModel.open(model, null);
        FineTunedModel after = FineTunedModel.open(trained, adapter)) {
      for (String prompt : prompts) {
        answers.add(
            new Answer(
                prompt, before.generate(prompt, MOST).trim(), after.generate(prompt, MOST).trim()));
      }
    }
    return answers;
  }
}
