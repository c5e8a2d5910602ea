package org.mobilefinetuner.app;

import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.Path;
import android.graphics.Typeface;
import android.view.View;
import java.util.List;
import java.util.Locale;

/** Curves of losses: what was measured as a haze, what it tends to as a line. */
final class LossChart extends View {
  private static final int SPACES = 5; // of the grid at most, about
  private static final int HAZE = 0x48ffffff; // how much of a colour is left

  private final Ui ui;
  private final Paint stroke = new Paint(Paint.ANTI_ALIAS_FLAG);
  private final Paint label = new Paint(Paint.ANTI_ALIAS_FLAG);
  private List<Curve> curves = List.of();
  private int lastStep = 1;
  private double least;
  private double most = 1;
  private double grid = 0.5; // from line to line, a round number

  LossChart(Ui ui) {
    super(ui.context());
    this.ui = ui;
    stroke.setStyle(Paint.Style.STROKE);
    stroke.setStrokeCap(Paint.Cap.ROUND);
    stroke.setStrokeJoin(Paint.Join.ROUND);
    label.setTextSize(ui.dp(12));
    label.setColor(ui.colors().muted());
    label.setTypeface(Typeface.DEFAULT);
    show(List.of(), 1);
  }

  /**
   * @param steps how far the axis reaches at least
   */
  void show(List<Curve> shown, int steps) {
    curves = shown;
    lastStep = Math.max(1, steps);
    least = Double.POSITIVE_INFINITY;
    most = Double.NEGATIVE_INFINITY;
    for (Curve curve : curves) {
      for (Curve.Point point : curve.points()) {
        lastStep = Math.max(lastStep, point.step());
        least = Math.min(least, point.loss());
        most = Math.max(most, point.loss());
      }
    }
    if (least > most) {
      least = 0;
      most = 1;
    }
    grid = round(Math.max(0.01, (most - least) / SPACES));
    least = grid * Math.floor(least / grid);
    most = Math.max(least + grid, grid * Math.ceil(most / grid));
    setContentDescription(description());
    invalidate();
  }

  /** The next larger number of the form 1, 2 or 5 times a power of ten. */
  private static double round(double number) {
    double power = Math.pow(10, Math.floor(Math.log10(number)));
    double digit = number / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  /** What a screen reader says of it. */
  private String description() {
    StringBuilder words = new StringBuilder("Chart of the training loss.");
    for (Curve curve : curves) {
      if (!curve.points().isEmpty()) {
        double[] smooth = curve.smoothed();
        words.append(
            String.format(
                Locale.getDefault(),
                " %s: from %.2f to %.2f at step %d.",
                curve.name(),
                curve.points().get(0).loss(),
                smooth[smooth.length - 1],
                curve.points().get(smooth.length - 1).step()));
      }
    }
    return words.toString();
  }

  @Override
  protected void onMeasure(int widthSpec, int heightSpec) {
    setMeasuredDimension(
        getDefaultSize(ui.dp(320), widthSpec), resolveSize(ui.dp(220), heightSpec));
  }

  @Override
  protected void onDraw(Canvas canvas) {
    grid(canvas);
    for (int i = 0; i < curves.size(); i++) {
      int[] series = ui.colors().series();
      draw(canvas, curves.get(i), series[i % series.length], curves.size() == 1);
    }
  }

  private float left() {
    return ui.dp(44);
  }

  private float bottom() {
    return getHeight() - ui.dp(24);
  }

  private float x(int step) {
    return left() + (getWidth() - left() - ui.dp(4)) * step / lastStep;
  }

  private float y(double loss) {
    float top = ui.dp(8);
    return (float) (bottom() - (bottom() - top) * (loss - least) / (most - least));
  }

  private void grid(Canvas canvas) {
    stroke.setStrokeWidth(ui.dp(1));
    stroke.setColor(ui.colors().line());
    label.setTextAlign(Paint.Align.RIGHT);
    String format = grid < 0.1 ? "%.2f" : grid < 1 ? "%.1f" : "%.0f";
    for (int i = 0; i <= Math.round((most - least) / grid); i++) {
      double loss = least + grid * i;
      canvas.drawLine(left(), y(loss), getWidth(), y(loss), stroke);
      canvas.drawText(
          String.format(Locale.getDefault(), format, loss),
          left() - ui.dp(8),
          y(loss) + ui.dp(4),
          label);
    }
    float foot = getHeight() - ui.dp(4);
    label.setTextAlign(Paint.Align.LEFT);
    canvas.drawText("0", left(), foot, label);
    label.setTextAlign(Paint.Align.RIGHT);
    canvas.drawText("step " + lastStep, getWidth() - ui.dp(2), foot, label);
  }

  private void draw(Canvas canvas, Curve curve, int color, boolean haze) {
    if (curve.points().isEmpty()) {
      return;
    }
    Path measured = new Path();
    Path smooth = new Path();
    double[] means = curve.smoothed();
    for (int i = 0; i < means.length; i++) {
      Curve.Point point = curve.points().get(i);
      if (i == 0) {
        measured.moveTo(x(point.step()), y(point.loss()));
        smooth.moveTo(x(point.step()), y(means[i]));
      } else {
        measured.lineTo(x(point.step()), y(point.loss()));
        smooth.lineTo(x(point.step()), y(means[i]));
      }
    }
    if (haze) {
      stroke.setStrokeWidth(ui.dp(1));
      stroke.setColor(color & HAZE);
      canvas.drawPath(measured, stroke);
    }
    stroke.setStrokeWidth(ui.dp(2.5f));
    stroke.setColor(color);
    canvas.drawPath(smooth, stroke);
  }
}
