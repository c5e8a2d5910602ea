package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.autograd.Frozen;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.StoredMatrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.TinyModels;

class LoadedWeightsTest {
  private static final String MATRIX = "transformer.h.1.mlp.c_fc.weight";
  private static final Map<String, Boolean> USED_FIRST =
      Map.of("transformer.wte.weight", true, MATRIX, true, MATRIX.replace("h.1", "h.0"), false);
  private static final String VECTOR = "transformer.h.0.ln_1.weight";

  private Model model;
  private Map<String, Tensor> stored;

  @BeforeEach
  void makeAModel() throws IOException {
    model = Models.of(TinyModels.gpt2(17, 8, 12, 2, 3));
    stored = new LinkedHashMap<>(TinyModels.weights(model, 1));
  }

  private Tensor stored(String name) {
    return Objects.requireNonNull(stored.get(name));
  }

  private LoadedWeights frozen() throws IOException {
    return LoadedWeights.frozen(model, TinyModels.source(stored));
  }

  private LoadedWeights trainable() throws IOException {
    return LoadedWeights.trainable(model, TinyModels.source(stored));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void frozenMatricesStayInTheFile(Format format, @TempDir Path folder) throws IOException {
    TinyModels.write(folder, TinyModels.gpt2(17, 8, 12, 2, 3), format, 1);
    try (ModelFolder opened = ModelFolder.open(folder)) {
      LoadedWeights weights = opened.frozen();
      assertThat(opened.format()).isEqualTo(format);
      assertThat(weights.get(MATRIX)).isInstanceOf(Frozen.class);
      assertThat(weights.get(MATRIX).value()).isInstanceOf(StoredMatrix.class);
      assertThat(weights.get(MATRIX).value().format()).isEqualTo(format);
      assertThat(weights.get(VECTOR).vector().size()).isEqualTo(12);
      assertThat(weights.parameters()).isEmpty();
      assertThat(weights.lowestTrainable()).isEqualTo(model.segments().size());
      LoadedWeights trained = opened.trainable();
      assertThat(trained.get(MATRIX)).isInstanceOf(Parameter.class);
      assertThat(trained.get(MATRIX).value().format()).isEqualTo(Format.F32);
      assertThat(trained.parameters())
          .extracting(Parameter::name)
          .containsExactlyElementsOf(model.weights().stream().map(WeightSpec::name).toList());
    }
  }

  /** The matrices that stay are all that fit, whatever is read; others are let go of. */
  @Test
  void someMatricesStayInMemory(@TempDir Path folder) throws IOException {
    TinyModels.write(folder, TinyModels.gpt2(17, 8, 12, 2, 3), Format.BF16, 1);
    try (ModelFolder opened = ModelFolder.open(folder)) {
      for (long resident : new long[] {0, 1000, 3100, opened.storedBytes() * 2}) {
        LoadedWeights weights = opened.frozen();
        List<Integer> released = new ArrayList<>();
        weights.stream((mapped, from, bytes) -> released.add(bytes), resident);
        long stays = 0;
        long smallest = Integer.MAX_VALUE; // of what is let go
        for (WeightSpec spec : model.weights()) {
          Matrix matrix = weights.get(spec.name()).value();
          released.clear();
          matrix.release(0, matrix.rows());
          if (resident == 3100 && USED_FIRST.containsKey(spec.name())) {
            assertThat(released.isEmpty()).isEqualTo(USED_FIRST.get(spec.name()));
          }
          if (released.isEmpty()) {
            stays += matrix.bytes();
          } else {
            assertThat(released).containsExactly((int) matrix.bytes());
            smallest = Math.min(smallest, matrix.bytes());
          }
        }
        assertThat(stays).isLessThanOrEqualTo(resident + vectorBytes());
        assertThat(stays + smallest).isGreaterThan(resident);
      }
    }
  }

  /** Vectors are float32 in memory, whatever else is. */
  private long vectorBytes() {
    return model.weights().stream()
        .filter(spec -> spec.shape().length == 1)
        .mapToLong(spec -> 4L * spec.size())
        .sum();
  }

  @Test
  void namesATensorThatIsMissing() {
    stored.remove(MATRIX);
    refused(this::frozen, "expected a tensor " + MATRIX + " [12, 48], the files do not have it");
    refused(this::trainable, "is config.json from another model?");
  }

  @Test
  void namesATensorOfAnotherShape() {
    stored.put(MATRIX, Tensor.zeros(48, 12));
    refused(this::frozen, MATRIX + ": expected [12, 48], the file has [48, 12]; is config.json");
    stored.put(MATRIX, Tensor.zeros(12 * 48));
    refused(this::trainable, MATRIX + ": expected [12, 48], the file has [576]");
  }

  @Test
  void namesTensorsThatTheModelDoesNotKnow() {
    stored.put("transformer.h.2.ln_1.weight", Tensor.zeros(12));
    refused(
        this::frozen, "the files have tensors that a gpt2 does not: [transformer.h.2.ln_1.weight]");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void namesAWeightThatIsNotFinite(float bad) throws IOException {
    stored(VECTOR).data()[5] = bad;
    refused(this::frozen, VECTOR + ": expected finite weights, found " + bad + " at index 5");
    stored(VECTOR).data()[5] = 1;
    stored(MATRIX).data()[2 * 48 + 3] = bad;
    refused(this::trainable, MATRIX + ": expected finite weights, found " + bad);
    LoadedWeights weights = frozen(); // left in the file, and looked at when there is a reason to
    refused(
        () -> ModelFolder.requireFinite(weights),
        MATRIX + ": expected finite weights, found " + bad + " at row 2, column 3");
  }

  @Test
  void readsTheNamesOfTheHub() throws IOException {
    Map<String, Tensor> hub = new LinkedHashMap<>();
    stored.forEach((name, value) -> hub.put(name.substring("transformer.".length()), value));
    hub.put("h.0.attn.bias", Tensor.zeros(1, 1, 8, 8));
    hub.put("h.0.attn.masked_bias", Tensor.zeros(1));
    hub.put("lm_head.weight", Tensor.zeros(17, 12)); // tied: a copy
    LoadedWeights weights = LoadedWeights.trainable(model, TinyModels.source(hub));
    assertThat(weights.get(MATRIX).vector().data()).isEqualTo(stored(MATRIX).data());
  }

  @Test
  void leasesTheWeightsOfASegmentByTheirShortNames() throws IOException {
    LoadedWeights weights = frozen();
    Segment block = model.segments().get(2);
    try (Weights lease = weights.lease(block)) {
      assertThat(lease.get("mlp.c_fc.weight")).isSameAs(weights.get(MATRIX));
      assertThatThrownBy(() -> lease.get("mlp.c_fd.weight"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("transformer.h.1.mlp.c_fd.weight");
    }
  }

  @Test
  void aLeaseSeesWhatHasChangedSinceTheLastOne() throws IOException {
    LoadedWeights weights = frozen();
    Segment block = model.segments().get(2);
    assertThat(weights.lease(block).projection("mlp.c_fc").adapter()).isNull();
    Lora lora = Lora.init("transformer.h.1.mlp.c_fc", 12, 48, 2, 1, 0, 1);
    weights.adapt("transformer.h.1.mlp.c_fc", lora);
    assertThat(weights.lease(block).projection("mlp.c_fc").adapter()).isSameAs(lora);
    weights.stream((mapped, from, bytes) -> {});
    assertThat(weights.lease(block).get("mlp.c_fc.weight")).isSameAs(weights.get(MATRIX));
    assertThat(weights.lease(block).projection("mlp.c_fc").weight()).isSameAs(weights.get(MATRIX));
  }

  @Test
  void saysThatAFileIsCutOff(@TempDir Path folder) throws IOException {
    TinyModels.write(folder, TinyModels.gpt2(17, 8, 12, 2, 3), Format.F32, 1);
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 100));
    refused(() -> ModelFolder.open(folder).close(), "it is truncated: copy or download it again");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(FormatException.class).hasMessageContaining(message);
  }
}
