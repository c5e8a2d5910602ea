package org.mobilefinetuner.android;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.AdapterFolder;
import org.mobilefinetuner.adapter.Dora;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.LowRankAdapter;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.Adaptation;
import org.mobilefinetuner.train.LoraSetup;

/** Puts adapters on a model's weights, new ones or those of a folder. */
final class Adaptations {
  private Adaptations() {}

  /** What is to be adapted, as the planner takes it. */
  static Adaptation planned(FineTuningSettings settings, List<Site> sites) throws IOException {
    @Nullable Path existing = settings.adapter();
    if (existing != null) {
      Map<String, LowRankAdapter> adapters = AdapterFolder.read(existing, sites);
      LowRankAdapter first = adapters.values().iterator().next();
      return new Adaptation(
          TargetModules.of(List.copyOf(adapters.keySet()), sites).sites(),
          first.lora().rank(),
          first instanceof Dora,
          first.lora().dropout());
    }
    return new Adaptation(
        settings.method() == Method.FULL
            ? List.of()
            : TargetModules.of(settings.targets(), sites).sites(),
        settings.rank(),
        settings.method() == Method.DORA,
        settings.dropout());
  }

  /** Adapts the weights as the settings say; gives what is to be saved of them. */
  static PeftFolder.Settings apply(
      FineTuningSettings settings, ModelFolder folder, LoadedWeights weights) throws IOException {
    @Nullable Path existing = settings.adapter();
    return existing == null
        ? create(settings, folder, weights)
        : load(existing, settings.method(), folder, weights);
  }

  private static PeftFolder.Settings create(
      FineTuningSettings settings, ModelFolder folder, LoadedWeights weights) throws IOException {
    boolean dora = settings.method() == Method.DORA;
    TargetModules targets =
        new LoraSetup(
                dora,
                settings.rank(),
                Lora.scale(settings.alpha(), settings.rank(), false),
                settings.dropout(),
                settings.targets(),
                settings.seed())
            .applyTo(weights);
    return new PeftFolder.Settings(
        baseModel(folder),
        settings.rank(),
        settings.alpha(),
        false,
        settings.dropout(),
        dora,
        targets);
  }

  private static PeftFolder.Settings load(
      Path from, Method method, ModelFolder folder, LoadedWeights weights) throws IOException {
    List<Site> sites = ModelFolder.sites(folder.model());
    Map<String, LowRankAdapter> adapters = AdapterFolder.read(from, sites);
    LowRankAdapter first = adapters.values().iterator().next();
    boolean dora = first instanceof Dora;
    if (dora != (method == Method.DORA)) {
      throw new IllegalArgumentException(
          "expected the method of the adapter, "
              + (dora ? Method.DORA : Method.LORA)
              + ", found "
              + method
              + "; give the method that "
              + from
              + " was trained with");
    }
    adapters.forEach(weights::adapt);
    boolean rankStabilised = AdapterFolder.rankStabilised(from);
    return new PeftFolder.Settings(
        baseModel(folder),
        first.lora().rank(),
        first.lora().alpha(rankStabilised),
        rankStabilised,
        first.lora().dropout(),
        dora,
        TargetModules.of(List.copyOf(adapters.keySet()), sites));
  }

  private static @Nullable String baseModel(ModelFolder folder) throws IOException {
    return folder.config().stringOrNull("_name_or_path");
  }
}
