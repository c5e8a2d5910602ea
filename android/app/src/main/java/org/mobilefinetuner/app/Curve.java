package org.mobilefinetuner.app;

import java.util.List;

/**
 * The loss of a run over its steps.
 *
 * @param name of the run
 */
record Curve(String name, List<Point> points) {
  private static final double FORGETS = 0.9; // of the smoothed loss, from point to point

  /**
   * @param loss nats per token
   */
  record Point(int step, double loss) {}

  Curve {
    points = List.copyOf(points);
  }

  /** The curve without what differs from batch to batch: an exponential mean, started unbiased. */
  double[] smoothed() {
    double[] smooth = new double[points.size()];
    double mean = 0;
    double weight = 0;
    for (int i = 0; i < smooth.length; i++) {
      mean = FORGETS * mean + (1 - FORGETS) * points.get(i).loss();
      weight = FORGETS * weight + 1 - FORGETS;
      smooth[i] = mean / weight;
    }
    return smooth;
  }
}
