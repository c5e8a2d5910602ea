package org.mobilefinetuner.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.QuantizedMatrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.TinyRun.Run;

/** Adapters on a quantised base learn as on the same numbers in float32. */
class QuantizedBaseTest {
  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(
      value = FrozenFormat.class,
      names = {"INT8", "INT4"})
  void gradientsAreThoseOnTheSameNumbers(FrozenFormat format) throws IOException {
    JsonObject config = TinyModels.gpt2(53, 24, 70, 2, 2);
    Model model = Models.of(config);
    Map<String, Tensor> original = TinyModels.weights(model, 5);
    try (Parallel team = new Parallel(1)) {
      ModelWriter.writeQuantized(
          dir.resolve("model"),
          model,
          config,
          format,
          spec -> Item.of(requireNonNull(original.get(spec.name())), Format.F32).values(),
          null,
          team);
    }
    try (ModelFolder folder = ModelFolder.open(dir.resolve("model"))) {
      assertThat(folder.quantized()).isTrue();
      LoadedWeights quantized = folder.frozen();
      Map<String, Tensor> decoded = new LinkedHashMap<>();
      for (WeightSpec spec : model.weights()) {
        Matrix matrix = quantized.get(spec.name()).value();
        assertThat(matrix instanceof QuantizedMatrix)
            .isEqualTo(spec.shape().length == 2 && !spec.name().contains("wpe"));
        Tensor tensor = Tensor.zeros(spec.shape());
        matrix.read(0, 0, matrix.rows(), matrix.cols(), tensor.data(), 0, matrix.cols());
        decoded.put(spec.name(), tensor);
      }
      Run expected = run(LoadedWeights.frozen(model, TinyModels.source(decoded)));
      Run found = run(quantized);
      assertThat(found.nll()).isEqualTo(expected.nll());
      assertThat(TinyRun.distance(expected.gradients(), found.gradients()))
          .isLessThanOrEqualTo(1e-6);
      Run exact = run(LoadedWeights.frozen(model, TinyModels.source(original)));
      assertThat(TinyRun.distance(exact.gradients(), found.gradients()))
          .as("another base has other gradients")
          .isBetween(1e-3, 0.5);
    }
  }

  private static Run run(LoadedWeights weights) {
    for (Site site : ModelFolder.sites(weights.model())) {
      Lora lora = Lora.init(site.name(), site.in(), site.out(), 3, 1.5f, 0, 2);
      Random random = new Random(site.name().hashCode());
      for (int i = 0; i < lora.b().value().size(); i++) {
        lora.b().value().data()[i] = (float) random.nextGaussian() * 0.2f;
      }
      weights.adapt(site.name(), lora);
    }
    return TinyRun.run(weights, Arena.poisoned(), Keep.INPUT, List.of(TinyRun.batch(0, 8, 0.1f)));
  }
}
