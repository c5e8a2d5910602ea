package org.mobilefinetuner.ops;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Projection;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;
import org.mobilefinetuner.testkit.SharedData;

/** Single operations, and AdamW, against PyTorch in float64: values and gradients. */
class GoldenOpsTest {
  private static final double BOUND = 2e-6; // of the largest magnitude

  private final Kernels kernels = new ScalarKernels();
  private @Nullable Safetensors opened;

  @BeforeEach
  void open() throws IOException {
    Path path = SharedData.find("golden-numerics/ops_float32.safetensors");
    assumeTrue(path != null, "needs ../shared/data/golden-numerics");
    opened = Safetensors.open(path);
  }

  @AfterEach
  void close() throws IOException {
    if (opened != null) {
      opened.close();
    }
  }

  private Safetensors file() {
    return requireNonNull(opened);
  }

  /** The operation on inputs and weights by name. */
  private interface Operation {
    Tensor apply(Tape tape, Named<Tensor> inputs, Named<Parameter> weights);
  }

  private record Named<T>(Map<String, T> values) {
    Named() {
      this(new LinkedHashMap<>());
    }

    T get(String name) {
      return requireNonNull(values.get(name), name);
    }
  }

  private void check(String name, List<String> inputs, List<String> weights, Operation operation)
      throws IOException {
    check(name, inputs, weights, Layouts.AS_STORED, operation);
  }

  /** How the file's tensors become rows of tokens. */
  private enum Layouts {
    AS_STORED,
    /** [B, heads, S, h] in the file, [B·S, heads·h] here. */
    HEADS
  }

  private void check(
      String name, List<String> inputs, List<String> weights, Layouts layouts, Operation operation)
      throws IOException {
    Named<Tensor> x = new Named<>();
    Named<Parameter> w = new Named<>();
    for (String input : inputs) {
      x.values.put(input, read(name + ".in." + input, layouts));
    }
    for (String weight : weights) {
      w.values.put(weight, new Parameter(weight, read(name + ".in." + weight, Layouts.AS_STORED)));
    }
    Gradients gradients = new Gradients(List.copyOf(w.values.values()));
    try (Tape tape = Tape.recording(Arena.poisoned(), kernels, gradients, null)) {
      x.values.values().forEach(tape::wantGradient);
      Tensor y = operation.apply(tape, x, w);
      assertClose(name + ".out", y, layouts);
      tape.rest();
      tape.backward(y, read(name + ".gout", layouts));
      for (String input : inputs) {
        assertClose(name + ".gin." + input, tape.gradientOf(x.get(input)), layouts);
      }
      for (String weight : weights) {
        assertClose(
            name + ".gin." + weight,
            requireNonNull(gradients.of(w.get(weight))),
            Layouts.AS_STORED);
      }
    }
  }

  private void assertClose(String name, Tensor ours, Layouts layouts) throws IOException {
    Tensor reference = read(name, layouts);
    assertThat(ours.size()).isEqualTo(reference.size());
    double error = 0;
    double largest = 0;
    for (int i = 0; i < reference.size(); i++) {
      double wanted = reference.data()[i];
      error = Math.max(error, Math.abs(ours.data()[ours.offset() + i] - wanted));
      largest = Math.max(largest, Math.abs(wanted));
    }
    assertThat(error / largest).as(name).isLessThanOrEqualTo(BOUND);
  }

  private Tensor read(String name, Layouts layouts) throws IOException {
    Tensor stored = file().tensor(name);
    int[] shape = stored.shape();
    if (layouts == Layouts.HEADS) {
      return rowsOfTokens(stored, shape);
    }
    return shape.length == 3 ? Tensor.of(stored.data(), shape[0] * shape[1], shape[2]) : stored;
  }

  private static Tensor rowsOfTokens(Tensor stored, int[] shape) {
    int heads = shape[1];
    int length = shape[2];
    int h = shape[3];
    Tensor rows = Tensor.zeros(shape[0] * length, heads * h);
    for (int i = 0; i < stored.size(); i++) {
      int at = i / h % length;
      int head = i / h / length % heads;
      int sequence = i / h / length / heads;
      rows.data()[(sequence * length + at) * heads * h + head * h + i % h] = stored.data()[i];
    }
    return rows;
  }

  @Test
  void gelu() throws IOException {
    check("gelu_tanh", List.of("x"), List.of(), (t, x, w) -> Gelu.apply(t, x.get("x")));
  }

  @Test
  void layerNorm() throws IOException {
    check(
        "layernorm_eps1e-5",
        List.of("x"),
        List.of("w", "b"),
        (t, x, w) -> LayerNorm.apply(t, x.get("x"), w.get("w"), w.get("b"), 1e-5f));
  }

  @Test
  void linear() throws IOException {
    check(
        "linear_out_in",
        List.of("x"),
        List.of("w", "b"),
        (t, x, w) -> Linear.apply(t, x.get("x"), w.get("w"), Layout.OUT_IN, w.get("b")));
    check(
        "conv1d_in_out",
        List.of("x"),
        List.of("w", "b"),
        (t, x, w) -> Linear.apply(t, x.get("x"), w.get("w"), Layout.IN_OUT, w.get("b")));
  }

  @Test
  void lora() throws IOException {
    check(
        "lora_linear_alpha8_r4",
        List.of("x"),
        List.of("w", "A", "B"),
        (t, x, w) ->
            new Projection(w.get("w"), Layout.OUT_IN, null, new Lora(w.get("A"), w.get("B"), 2, 0))
                .apply(t, x.get("x")));
  }

  @Test
  void attention() throws IOException {
    attention(
        "attention_causal_gqa_4q_2kv",
        new AttentionShape(4, 2, 8, (float) Math.pow(8, -0.5), AttentionShape.UNLIMITED));
    attention("attention_sliding4_mqa_scale_0.25", new AttentionShape(4, 1, 8, 0.25f, 4));
  }

  private void attention(String name, AttentionShape shape) throws IOException {
    check(
        name,
        List.of("q", "k", "v"),
        List.of(),
        Layouts.HEADS,
        (t, x, w) ->
            CausalAttention.apply(
                t,
                new Window(x.get("q"), 0),
                new Window(x.get("k"), 0),
                new Window(x.get("v"), 0),
                new CausalAttention.Sequences(new int[] {0, 11, 22}, null),
                0,
                shape));
  }

  @Test
  void embedding() throws IOException {
    int[] ids = integers("embedding.in.ids");
    check(
        "embedding", List.of(), List.of("w"), (t, x, w) -> Embedding.apply(t, ids, w.get("w"), 1));
  }

  /** The logits themselves, through an identity for a table. */
  @Test
  void crossEntropy() throws IOException {
    String name = "cross_entropy_mean_ignore";
    Tensor logits = file().tensor(name + ".in.logits");
    int vocabulary = logits.cols();
    Tensor identity = Tensor.zeros(vocabulary, vocabulary);
    for (int i = 0; i < vocabulary; i++) {
      identity.data()[i * vocabulary + i] = 1;
    }
    int[] targets = integers(name + ".in.target");
    long counted = Arrays.stream(targets).filter(t -> t >= 0).count();
    try (Tape tape = Tape.recording(Arena.poisoned(), kernels, new Gradients(List.of()), null)) {
      tape.wantGradient(logits);
      Tensor loss =
          LinearCrossEntropy.apply(
              tape,
              logits,
              new org.mobilefinetuner.autograd.Frozen("identity", identity),
              targets,
              1f / counted,
              new float[targets.length]);
      assertClose(name + ".out", loss, Layouts.AS_STORED);
      float upstream = file().tensor(name + ".gout").data()[0];
      tape.rest();
      tape.backward(loss, tape.like(loss).fill(1));
      Tensor gradient = Tensor.zeros(logits.shape()).copyFrom(tape.gradientOf(logits));
      kernels.axpy(upstream, Tensor.zeros(logits.shape()).copyFrom(gradient), 0, gradient);
      assertClose(name + ".gin.logits", gradient, Layouts.AS_STORED);
    }
  }

  @Test
  void adamW() throws IOException {
    Parameter p = new Parameter("p", file().tensor("opt.p0"));
    AdamW optimizer =
        new AdamW(kernels, List.of(p), new AdamW.Config(0.9f, 0.95f, 1e-8f, 0.1f, true));
    Gradients gradients = new Gradients(List.of(p));
    for (int step = 1; step <= 3; step++) {
      Tensor gradient = file().tensor("opt.grad" + step);
      gradients.clear();
      gradients.add(p, (g, beta) -> g.copyFrom(gradient));
      optimizer.begin(1e-2f, 1).apply(p, requireNonNull(gradients.numbers(p)));
      assertClose("opt.adamw_lr1e-2_wd0.1.after" + step, p.value(), Layouts.AS_STORED);
    }
  }

  private int[] integers(String name) throws IOException {
    float[] values = file().tensor(name).data();
    int[] integers = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      integers[i] = (int) values[i];
    }
    return integers;
  }
}
