package org.mobilefinetuner.train;

import java.util.List;
import org.mobilefinetuner.adapter.Dora;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.LowRankAdapter;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Matrix;

/**
 * New LoRA or DoRA adapters for a model.
 *
 * @param dora whether they are DoRA's
 * @param scale what B·A is multiplied with
 * @param targets names of modules, or all-linear
 */
public record LoraSetup(
    boolean dora, int rank, float scale, float dropout, List<String> targets, long seed) {
  /** Puts an adapter at every site that is meant. */
  public TargetModules applyTo(LoadedWeights weights) {
    TargetModules chosen = TargetModules.of(targets, ModelFolder.sites(weights.model()));
    chosen.sites().forEach(site -> weights.adapt(site.name(), adapter(site, weights)));
    return chosen;
  }

  private LowRankAdapter adapter(Site site, LoadedWeights weights) {
    Lora lora = Lora.init(site.name(), site.in(), site.out(), rank, scale, dropout, seed);
    if (!dora) {
      return lora;
    }
    // the plain kernels, so that a run starts alike with every backend
    try (ScalarKernels kernels = new ScalarKernels()) {
      Matrix weight = weights.get(site.name() + ".weight").value();
      return Dora.init(site.name(), lora, kernels, weight, site.layout());
    }
  }
}
