package org.mobilefinetuner.cli;

import java.util.List;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;

/**
 * New LoRA adapters for a model.
 *
 * @param targets names of modules, or all-linear
 */
record LoraSetup(int rank, float alpha, float dropout, List<String> targets, long seed) {
  LoraSetup {
    if (!(Math.abs(alpha) <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("expected a finite --lora-alpha, found " + alpha);
    }
    if (rank < 1) {
      throw new IllegalArgumentException("expected a LoRA rank of at least 1, found " + rank);
    }
  }

  /** Puts an adapter at every site that is meant. */
  TargetModules applyTo(LoadedWeights weights) {
    TargetModules chosen = TargetModules.of(targets, ModelFolder.sites(weights.model()));
    for (Site site : chosen.sites()) {
      weights.adapt(
          site.name(),
          Lora.init(site.name(), site.in(), site.out(), rank, alpha / rank, dropout, seed));
    }
    return chosen;
  }
}
