package org.mobilefinetuner.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.AdapterFolder;
import org.mobilefinetuner.adapter.Dora;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.LowRankAdapter;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.cli.TrainOptions.Method;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.train.LoraSetup;

/** The adapters that a run trains: new ones, or those that it was given. */
final class RunAdapters {
  private final TargetModules targets;
  private final @Nullable Map<String, LowRankAdapter> given;
  private final TrainOptions options;

  private RunAdapters(
      TargetModules targets, @Nullable Map<String, LowRankAdapter> given, TrainOptions options) {
    this.targets = targets;
    this.given = given;
    this.options = options;
  }

  /**
   * Reads adapters if there are any to start from; {@code options} then become theirs.
   *
   * @throws IllegalArgumentException if they do not suit the model or the options
   */
  static RunAdapters of(TrainOptions options, ModelFolder folder) throws IOException {
    List<Site> sites = ModelFolder.sites(folder.model());
    if (options.adapter == null) {
      return new RunAdapters(TargetModules.of(options.loraTargets, sites), null, options);
    }
    Map<String, LowRankAdapter> adapters = AdapterFolder.read(options.adapter, sites);
    LowRankAdapter adapter = adapters.values().iterator().next();
    Lora first = adapter.lora();
    for (LowRankAdapter other : adapters.values()) {
      if (other.lora().rank() != first.rank() || other.lora().scale() != first.scale()) {
        throw new IllegalArgumentException(
            "expected an adapter of one rank and alpha, found several in " + options.adapter);
      }
    }
    if (options.method == Method.DORA && !(adapter instanceof Dora)) {
      throw new IllegalArgumentException(
          "expected a DoRA adapter for --method dora, found LoRA in "
              + options.adapter
              + "; leave --method out to train it on");
    }
    options.method = adapter instanceof Dora ? Method.DORA : Method.LORA;
    options.useRslora = AdapterFolder.rankStabilised(options.adapter);
    options.loraRank = first.rank();
    options.loraAlpha = first.alpha(options.useRslora);
    options.loraDropout = first.dropout();
    options.loraTargets = List.copyOf(adapters.keySet());
    return new RunAdapters(TargetModules.of(options.loraTargets, sites), adapters, options);
  }

  /** Where they sit. */
  TargetModules targets() {
    return targets;
  }

  /** Puts them on a model. */
  LoadedWeights applyTo(LoadedWeights weights) {
    if (given != null) {
      given.forEach(weights::adapt);
    } else {
      new LoraSetup(
              options.method == Method.DORA,
              options.loraRank,
              Lora.scale(options.loraAlpha, options.loraRank, options.useRslora),
              options.loraDropout,
              options.loraTargets,
              options.seed)
          .applyTo(weights);
    }
    return weights;
  }
}
