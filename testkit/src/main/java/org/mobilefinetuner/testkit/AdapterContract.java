package org.mobilefinetuner.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilefinetuner.adapter.Adapter;
import org.mobilefinetuner.adapter.Projection;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.autograd.Frozen;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

/**
 * What every method of parameter-efficient fine-tuning has to do: nothing before it is trained,
 * after it the same whether merged or not and whether saved or not, and all of it is trained.
 *
 * <p>Extend it in the tests of the method.
 */
public abstract class AdapterContract {
  private static final int IN = 8;
  private static final int OUT = 6;
  private static final int TOKENS = 5;

  /** A new adapter for a weight, without dropout or with one of 0.5. */
  protected abstract Adapter init(Site site, Tensor weight, boolean dropout);

  /** Saves the adapter that {@link #init} made and gives what is read again. */
  protected abstract Adapter reloaded(Site site, Adapter adapter, Path folder) throws IOException;

  @ParameterizedTest
  @EnumSource(Layout.class)
  protected void changesNothingBeforeItIsTrained(Layout layout) {
    Tensor w = weight(layout);
    assertThat(output(w, layout, init(site(layout), w, false))).isEqualTo(output(w, layout, null));
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  protected void mergedGivesWhatUnmergedGives(Layout layout) {
    Tensor w = weight(layout);
    Adapter adapter = trained(layout, w, false);
    float[] unmerged = output(w, layout, adapter);
    Tensor merged = Tensor.zeros(w.shape()).copyFrom(w);
    adapter.merge(new ScalarKernels(), layout, merged);
    assertClose(output(merged, layout, null), unmerged);
    assertThat(distance(output(w, layout, null), unmerged)).as("what it changes").isGreaterThan(1);
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  protected void savedAndReadItIsTheSame(Layout layout, @TempDir Path folder) throws IOException {
    Tensor w = weight(layout);
    Adapter adapter = trained(layout, w, false);
    Adapter again = reloaded(site(layout), adapter, folder.resolve("adapter"));
    assertThat(again.parameters())
        .extracting(Parameter::name)
        .isEqualTo(adapter.parameters().stream().map(Parameter::name).toList())
        .doesNotHaveDuplicates()
        .allMatch(name -> name.startsWith("base_model.model." + site(layout).name() + "."));
    assertThat(output(w, layout, again)).isEqualTo(output(w, layout, adapter));
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  protected void everyParameterGetsAGradient(Layout layout) {
    for (boolean dropout : new boolean[] {false, true}) {
      Tensor w = weight(layout);
      Adapter adapter = trained(layout, w, dropout);
      Gradients gradients = new Gradients(adapter.parameters());
      var random = new Tape.Randomness(4, new long[] {1, 2, 3, 4, 5});
      try (Tape tape = Tape.recording(Arena.poisoned(), new ScalarKernels(), gradients, random)) {
        Tensor y = projection(w, layout, adapter).apply(tape, random(3, TOKENS, IN));
        tape.rest(y);
        tape.backward(y, random(4, TOKENS, OUT));
      }
      for (Parameter p : adapter.parameters()) {
        double norm = new ScalarKernels().squaredNorm(requireNonNull(gradients.of(p), p.name()));
        assertThat(norm).as("the gradient of " + p).isGreaterThan(1e-4).isLessThan(1e6);
      }
    }
  }

  /** An adapter in which nothing is as it was in the beginning. */
  private Adapter trained(Layout layout, Tensor weight, boolean dropout) {
    Adapter adapter = init(site(layout), weight, dropout);
    for (Parameter p : adapter.parameters()) {
      Tensor step = random(p.name().hashCode(), p.value().shape());
      new ScalarKernels().axpy(0.5f, step, 1, p.value());
    }
    return adapter;
  }

  private static Site site(Layout layout) {
    return new Site("h.3.attn.c_attn", IN, OUT, layout);
  }

  private static Tensor weight(Layout layout) {
    return layout == Layout.OUT_IN ? random(1, OUT, IN) : random(1, IN, OUT);
  }

  private static Projection projection(Tensor w, Layout layout, @Nullable Adapter adapter) {
    return new Projection(new Frozen("w", w), layout, new Frozen("bias", random(2, OUT)), adapter);
  }

  private static float[] output(Tensor w, Layout layout, @Nullable Adapter adapter) {
    try (Tape tape = Tape.off(Arena.unbounded(), new ScalarKernels())) {
      Tensor y = projection(w, layout, adapter).apply(tape, random(3, TOKENS, IN));
      return Tensor.zeros(y.shape()).copyFrom(y).data();
    }
  }

  private static void assertClose(float[] found, float[] wanted) {
    assertThat(distance(found, wanted)).isLessThan(1e-5);
  }

  private static double distance(float[] a, float[] b) {
    Tensor difference = Tensor.zeros(a.length);
    new ScalarKernels().add(Tensor.of(a, a.length), -1, Tensor.of(b, b.length), difference);
    return Math.sqrt(new ScalarKernels().squaredNorm(difference));
  }

  private static Tensor random(int seed, int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = (float) Draws.gaussian(Draws.key(seed, i));
    }
    return tensor;
  }
}
