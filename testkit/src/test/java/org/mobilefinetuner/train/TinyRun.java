package org.mobilefinetuner.train;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** A GPT-2 of three blocks, eight sequences of different lengths, and their gradients. */
final class TinyRun {
  private static final int VOCABULARY = 53;
  static final int LAYERS = 3;
  private static final int[] LENGTHS = {5, 17, 1, 9, 2, 24, 13, 8};
  static final long SEED = 11;

  /** What is trained. */
  enum Method {
    FULL,
    LORA,
    LORA_ON_THE_LAST_BLOCK
  }

  /** Gradients by parameter, and the loss of every token. */
  record Run(Map<String, float[]> gradients, float[] nll) {}

  private TinyRun() {}

  static int supervised() {
    int count = 0;
    for (int i = 0; i < LENGTHS.length; i++) {
      count += sequence(i).supervised();
    }
    return count;
  }

  /** Sequences {@code from} to {@code to}, always the same ones. */
  static Batch batch(int from, int to, float scale) {
    List<Batch.Sequence> sequences = new ArrayList<>();
    for (int i = from; i < to; i++) {
      sequences.add(sequence(i));
    }
    return Batch.of(sequences, scale);
  }

  /** All of them. */
  static List<Batch.Sequence> sequences() {
    List<Batch.Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      sequences.add(sequence(i));
    }
    return sequences;
  }

  private static Batch.Sequence sequence(int number) {
    Random random = new Random(number);
    int[] ids = random.ints(LENGTHS[number], 0, VOCABULARY).toArray();
    int[] labels = ids.clone();
    for (int i = 0; i < Math.min(number, labels.length / 2); i++) {
      labels[i] = LinearCrossEntropy.IGNORE; // a prompt
    }
    return new Batch.Sequence(number, ids, labels);
  }

  /** All weights as parameters, with their numbers in {@code room}. */
  static LoadedWeights sharded(float dropout, Numbers.Room room) throws IOException {
    Model model = model(dropout);
    return LoadedWeights.sharded(model, TinyModels.source(TinyModels.weights(model, 5)), room);
  }

  private static Model model(float dropout) throws IOException {
    return Models.of(TinyModels.gpt2(VOCABULARY, 24, 16, LAYERS, 2), Format.F32, dropout);
  }

  static LoadedWeights weights(Method method, float dropout) throws IOException {
    Model model = model(dropout);
    var source = TinyModels.source(TinyModels.weights(model, 5));
    if (method == Method.FULL) {
      return LoadedWeights.trainable(model, source);
    }
    LoadedWeights weights = LoadedWeights.frozen(model, source);
    for (Site site : ModelFolder.sites(model)) {
      if (method == Method.LORA || site.name().contains("h." + (LAYERS - 1) + ".")) {
        weights.adapt(site.name(), lora(site, dropout));
      }
    }
    return weights;
  }

  /** An adapter after some training: its B is not zero. */
  private static Lora lora(Site site, float dropout) {
    boolean lastBlock = site.name().contains("h." + (LAYERS - 1) + ".");
    Lora lora = Lora.init(site.name(), site.in(), site.out(), 3, 1.5f, dropout, 2);
    Random random = new Random(site.name().hashCode());
    for (int i = 0; lastBlock && i < lora.b().value().size(); i++) {
      lora.b().value().data()[i] = (float) random.nextGaussian() * 0.2f;
    }
    return lora;
  }

  static SegmentedBackprop backprop(LoadedWeights weights, Arena arena, Keep keep) {
    return new SegmentedBackprop(
        weights.model(), weights, weights.lowestTrainable(), new ScalarKernels(), arena, keep);
  }

  static Run run(LoadedWeights weights, Arena arena, Keep keep, List<Batch> batches) {
    return run(weights, arena, keep, batches, SEED);
  }

  static Run run(LoadedWeights weights, Arena arena, Keep keep, List<Batch> batches, long seed) {
    Gradients gradients = new Gradients(weights.parameters());
    SegmentedBackprop backprop = backprop(weights, arena, keep);
    List<Float> losses = new ArrayList<>();
    for (Batch batch : batches) {
      backprop.step(batch, gradients, seed);
      for (float loss : batch.nll()) {
        losses.add(loss);
      }
    }
    float[] nll = new float[losses.size()];
    for (int i = 0; i < nll.length; i++) {
      nll[i] = losses.get(i);
    }
    return new Run(values(weights, gradients), nll);
  }

  static Map<String, float[]> values(LoadedWeights weights, Gradients gradients) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter p : weights.parameters()) {
      values.put(p.name(), requireNonNull(gradients.of(p), p.name()).data());
    }
    return values;
  }

  /** The norm of the difference over the norm, of all gradients together. */
  static double distance(Map<String, float[]> one, Map<String, float[]> other) {
    double difference = 0;
    double norm = 0;
    for (Map.Entry<String, float[]> entry : one.entrySet()) {
      float[] a = entry.getValue();
      float[] b = requireNonNull(other.get(entry.getKey()));
      for (int i = 0; i < a.length; i++) {
        difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        norm += (double) a[i] * a[i];
      }
    }
    return Math.sqrt(difference / norm);
  }

  /** The largest difference of an element, as a part of its tensor's largest: the worst tensor. */
  static double largestDifference(Map<String, float[]> one, Map<String, float[]> other) {
    double worst = 0;
    for (Map.Entry<String, float[]> entry : one.entrySet()) {
      float[] a = entry.getValue();
      float[] b = requireNonNull(other.get(entry.getKey()));
      double difference = 0;
      double largest = 0;
      for (int i = 0; i < a.length; i++) {
        difference = Math.max(difference, Math.abs((double) a[i] - b[i]));
        largest = Math.max(largest, Math.abs(a[i]));
      }
      worst = Math.max(worst, largest == 0 ? difference : difference / largest);
    }
    return worst;
  }
}
