package org.mobilefinetuner.app;

import android.app.Activity;
import android.graphics.Typeface;
import android.os.Build;
import android.view.View;
import android.view.ViewGroup;
import android.view.Window;
import android.view.WindowInsetsController;
import android.widget.LinearLayout;
import android.widget.ScrollView;
import android.widget.TextView;
import org.jspecify.annotations.Nullable;

/** Where the panels are: in two columns on a tablet, in one on a phone. */
final class Layout {
  private static final int WIDE = 720; // dp

  private final Ui ui;

  Layout(Ui ui) {
    this.ui = ui;
  }

  /** Fills the activity's window. */
  void show(
      Activity activity, SetupPanel setup, RunPanel run, AnswersPanel answers, RunsPanel runs) {
    activity.setContentView(content(setup, run, answers, runs));
    paintBars(activity.getWindow());
  }

  private View content(SetupPanel setup, RunPanel run, AnswersPanel answers, RunsPanel runs) {
    TextView title = ui.text("MobileFineTuner", 26, ui.colors().ink());
    title.setTypeface(Typeface.DEFAULT_BOLD);
    title.setAccessibilityHeading(true);
    TextView subtitle =
        ui.text("Trains language models here, and nowhere else", 14, ui.colors().muted());
    LinearLayout all = ui.column(title, subtitle);
    boolean wide = ui.context().getResources().getConfiguration().screenWidthDp >= WIDE;
    if (wide) {
      LinearLayout left = column(setup.demo(), setup.form());
      LinearLayout right = column(run.view(), answers.view(), runs.view());
      LinearLayout columns = ui.row(left, right);
      ((LinearLayout.LayoutParams) right.getLayoutParams()).setMarginStart(ui.dp(20));
      ((LinearLayout.LayoutParams) left.getLayoutParams()).weight = 0.8f;
      all.addView(columns);
    } else {
      all.addView(column(setup.demo(), run.view(), answers.view(), setup.form(), runs.view()));
    }
    all.setPadding(ui.dp(16), ui.dp(20), ui.dp(16), ui.dp(24));
    ScrollView scroll = new ScrollView(ui.context());
    scroll.setBackgroundColor(ui.colors().background());
    scroll.setFillViewport(true);
    scroll.setFitsSystemWindows(true);
    scroll.addView(all);
    return scroll;
  }

  /** Cards below each other, with room between them. */
  private LinearLayout column(View... cards) {
    LinearLayout column = ui.column();
    for (View card : cards) {
      LinearLayout.LayoutParams place =
          new LinearLayout.LayoutParams(
              ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT);
      place.topMargin = ui.dp(16);
      column.addView(card, place);
    }
    return column;
  }

  /** The system's bars as if they were part of the screen, where their icons can be told apart. */
  private void paintBars(Window window) {
    Palette colors = ui.colors();
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
      window.setStatusBarColor(colors.background());
      window.setNavigationBarColor(colors.background());
      @Nullable WindowInsetsController bars = window.getInsetsController();
      int dark =
          WindowInsetsController.APPEARANCE_LIGHT_STATUS_BARS
              | WindowInsetsController.APPEARANCE_LIGHT_NAVIGATION_BARS;
      if (bars != null) {
        bars.setSystemBarsAppearance(colors.night() ? 0 : dark, dark);
      }
    }
  }
}
