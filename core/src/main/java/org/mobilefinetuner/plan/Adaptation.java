package org.mobilefinetuner.plan;

import java.util.List;
import org.mobilefinetuner.adapter.Adapter;
import org.mobilefinetuner.adapter.Dora;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Where a model is adapted, and how.
 *
 * @param sites the projections that have an adapter; none if all weights are trained
 * @param dora whether they are DoRA's rather than LoRA's
 * @param dropout on the adapters' inputs
 */
public record Adaptation(List<Site> sites, int rank, boolean dora, float dropout) {
  public Adaptation {
    if (rank < 1) {
      throw new IllegalArgumentException("expected a rank of at least 1, found " + rank);
    }
    sites = List.copyOf(sites);
  }

  /** The numbers that are trained. */
  long trainable() {
    long sum = 0;
    for (Site site : sites) {
      sum += (long) rank * (site.in() + site.out()) + (dora ? site.out() : 0);
    }
    return sum;
  }

  /** An adapter without values. */
  Adapter shape(Site site) {
    Parameter a = new Parameter(Lora.nameOfA(site.name()), Tensor.ofShape(rank, site.in()));
    Parameter b = new Parameter(Lora.nameOfB(site.name()), Tensor.ofShape(site.out(), rank));
    Lora lora = new Lora(a, b, 1, dropout);
    return dora
        ? new Dora(
            lora, new Parameter(Dora.nameOfMagnitude(site.name()), Tensor.ofShape(site.out())))
        : lora;
  }
}
