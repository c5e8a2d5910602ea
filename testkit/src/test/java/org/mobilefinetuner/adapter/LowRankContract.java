package org.mobilefinetuner.adapter;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.AdapterContract;

/** The contract for what PEFT's LoRA folders hold, of rank 3 and alpha 4. */
abstract class LowRankContract extends AdapterContract {
  static final int RANK = 3;
  static final double ALPHA = 4;

  private final boolean rankStabilised;

  LowRankContract(boolean rankStabilised) {
    this.rankStabilised = rankStabilised;
  }

  /** The method, given its LoRA. */
  abstract LowRankAdapter on(Lora lora, Site site, Tensor weight);

  @Override
  protected Adapter init(Site site, Tensor weight, boolean dropout) {
    float scale = Lora.scale(ALPHA, RANK, rankStabilised);
    Lora lora = Lora.init(site.name(), site.in(), site.out(), RANK, scale, dropout ? 0.5f : 0, 7);
    return on(lora, site, weight);
  }

  @Override
  protected Adapter reloaded(Site site, Adapter adapter, Path folder) throws IOException {
    List<Site> sites = List.of(site);
    TargetModules targets = TargetModules.of(List.of("c_attn"), sites);
    boolean dora = adapter instanceof Dora;
    PeftFolder.write(
        folder,
        new PeftFolder.Settings(null, RANK, ALPHA, rankStabilised, 0, dora, targets),
        List.of(adapter));
    return requireNonNull(PeftFolder.read(folder, sites).get(site.name()));
  }
}
