package org.mobilefinetuner.app;

import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.util.ArrayList;
import java.util.List;

/** The runs that were made, the latest compared in one chart. */
final class RunsPanel {
  private static final int COMPARED = 4; // as many as there are colours

  /** What the panel asks the activity for. */
  interface Actions {
    void answers(PastRun run);

    void share(PastRun run);

    void goOn(PastRun run);
  }

  private final Ui ui;
  private final Actions actions;
  private final LossChart chart;
  private final LinearLayout list;
  private final TextView empty;
  private final LinearLayout card;

  RunsPanel(Ui ui, Actions actions) {
    this.ui = ui;
    this.actions = actions;
    this.chart = new LossChart(ui);
    this.list = ui.column();
    this.empty = ui.body("No runs yet. The first one appears here.");
    this.card = ui.card("Runs compared", empty, chart, list);
  }

  View view() {
    return card;
  }

  /** Shows runs, the latest first. */
  void show(List<PastRun> runs) {
    empty.setVisibility(runs.isEmpty() ? View.VISIBLE : View.GONE);
    chart.setVisibility(runs.isEmpty() ? View.GONE : View.VISIBLE);
    List<Curve> curves = new ArrayList<>();
    for (PastRun run : runs.subList(0, Math.min(COMPARED, runs.size()))) {
      curves.add(run.curve());
    }
    chart.show(curves, 1);
    list.removeAllViews();
    for (int i = 0; i < runs.size(); i++) {
      list.addView(row(runs.get(i), i));
    }
  }

  private View row(PastRun run, int number) {
    View mark = new View(ui.context());
    int[] series = ui.colors().series();
    mark.setBackground(ui.rounded(number < COMPARED ? series[number] : ui.colors().line(), 6));
    LinearLayout.LayoutParams markPlace = new LinearLayout.LayoutParams(ui.dp(12), ui.dp(12));
    markPlace.setMarginEnd(ui.dp(12));
    LinearLayout head = new LinearLayout(ui.context());
    head.setGravity(Gravity.CENTER_VERTICAL);
    head.addView(mark, markPlace);
    head.addView(
        ui.column(ui.body(run.curve().name()), ui.small(run.summary())),
        new LinearLayout.LayoutParams(0, ViewGroup.LayoutParams.WRAP_CONTENT, 1));
    head.setScreenReaderFocusable(true);
    LinearLayout buttons =
        run.finished()
            ? ui.row(
                ui.secondary("Answers", () -> actions.answers(run)),
                ui.secondary("Share", () -> actions.share(run)))
            : ui.row(ui.secondary("Go on", () -> actions.goOn(run)));
    buttons.getChildAt(buttons.getChildCount() - 1).setEnabled(!run.finished() || run.hasAdapter());
    buttons.setPadding(0, ui.dp(8), 0, 0);
    LinearLayout row = ui.column(head, buttons);
    row.setPadding(0, ui.dp(14), 0, 0);
    return row;
  }
}
