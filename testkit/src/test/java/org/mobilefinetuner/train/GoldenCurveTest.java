package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.testkit.Resources;
import org.mobilefinetuner.testkit.SharedData;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** Training runs whose every loss is known from PyTorch. */
class GoldenCurveTest {
  private static final double BOUND = 1e-4;

  private final Kernels kernels = new ScalarKernels();

  @ParameterizedTest
  @ValueSource(strings = {"full", "lora"})
  void tenStepsHaveTheLossesOfPyTorch(String method) throws IOException {
    Path folder = Resources.find("golden/tiny-gpt2");
    JsonObject curve = JsonObject.read(folder.resolve("golden.json")).object("curve");
    JsonObject expected = curve.object(method);
    Schedule schedule =
        new Schedule(
            Schedule.Shape.COSINE,
            (float) curve.number("learning_rate"),
            curve.integer("warmup_steps"),
            curve.integer("steps"));
    float decay = (float) curve.number("weight_decay");
    LoadedWeights weights = open(folder, method.equals("lora") ? "adapter" : null);
    OptimizerStep optimizer =
        optimizer(weights, AdamW.Config.of(decay), schedule, (float) curve.number("max_grad_norm"));
    List<StepLoader.Step> steps = steps(folder.resolve("curve_batches.jsonl"));
    assertThat(steps).hasSize(10);
    List<Double> losses = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      assertThat((double) schedule.rate(i))
          .isCloseTo(at(expected, "learning_rates", i), within(1e-9));
      assertThat((double) steps.get(i).supervised())
          .isEqualTo(at(expected, "supervised_tokens", i));
      OptimizerStep.Result result = optimizer.run(steps.get(i), i, schedule.rate(i));
      losses.add(result.loss());
      assertThat(result.gradNorm())
          .as("norm before step %s", i + 1)
          .isCloseTo(at(expected, "grad_norms_before_clip", i), within(1e-3));
    }
    assertLosses(losses, expected, "losses");
    assertThat(evaluate(optimizer, steps.get(0)))
        .isCloseTo(expected.number("loss_of_step_1_afterwards"), within(BOUND));
  }

  /** Constant rate, decay on every tensor, clipping. */
  @ParameterizedTest
  @MethodSource("folders")
  void threeFullStepsHaveTheLossesOfPyTorch(Path folder) throws IOException {
    JsonObject expected = JsonObject.read(folder.resolve("golden.json")).object("full_ft");
    AdamW.Config config =
        new AdamW.Config(0.9f, 0.999f, 1e-8f, (float) expected.number("weight_decay"), true);
    LoadedWeights weights = open(folder, null);
    assertSteps(folder, weights, config, expected, (float) expected.number("clip"), 3);
  }

  @ParameterizedTest
  @MethodSource("folders")
  void fiveLoraStepsHaveTheLossesOfPyTorch(Path folder) throws IOException {
    JsonObject expected =
        JsonObject.read(folder.resolve("golden.json")).object("lora").object("adamw");
    LoadedWeights weights = open(folder, "adapter");
    assertSteps(folder, weights, AdamW.Config.of(0), expected, 0, 5);
    try (Safetensors after =
        Safetensors.open(folder.resolve("adapter_step5/adapter_model.safetensors"))) {
      for (var p : weights.parameters()) {
        float[] reference = after.tensor(p.name()).data();
        float[] ours = p.value().data();
        for (int i = 0; i < ours.length; i++) {
          assertThat(ours[i]).as("%s, element %s", p, i).isCloseTo(reference[i], within(1e-4f));
        }
      }
    }
  }

  /** The golden folders of all architectures, here and in the shared data where it is. */
  static List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String name : List.of("tiny-gpt2", "tiny-qwen2", "tiny-llama", "tiny-gemma3")) {
      folders.add(Resources.find("golden/" + name));
    }
    Path shared = SharedData.find("golden-numerics");
    if (shared != null) {
      try (Stream<Path> all = Files.list(shared)) {
        all.filter(f -> Files.exists(f.resolve("golden_lora.safetensors"))).forEach(folders::add);
      }
    }
    return folders;
  }

  private void assertSteps(
      Path folder,
      LoadedWeights weights,
      AdamW.Config config,
      JsonObject expected,
      float clip,
      int count)
      throws IOException {
    float rate = (float) expected.number("lr");
    Schedule schedule = new Schedule(Schedule.Shape.CONSTANT, rate, 0, count);
    OptimizerStep optimizer = optimizer(weights, config, schedule, clip);
    StepLoader.Step step = new StepLoader.Step(0, List.of(goldenBatch(folder)));
    List<Double> losses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      losses.add(optimizer.run(step, i, rate).loss());
    }
    losses.add(evaluate(optimizer, step));
    assertLosses(losses, expected, "losses_before_each_step_and_after");
  }

  private static void assertLosses(List<Double> losses, JsonObject expected, String key)
      throws IOException {
    System.out.println(losses + "\n" + expected.list(key));
    assertThat(expected.list(key)).hasSameSizeAs(losses);
    for (int i = 0; i < losses.size(); i++) {
      assertThat(losses.get(i))
          .as("loss %s of %s", i + 1, losses)
          .isCloseTo(at(expected, key, i), within(BOUND));
    }
  }

  private static double at(JsonObject object, String key, int i) throws IOException {
    return ((Number) object.list(key).get(i)).doubleValue();
  }

  private static LoadedWeights open(Path folder, @Nullable String adapter) throws IOException {
    try (ModelFolder model = ModelFolder.open(folder)) {
      if (adapter == null) {
        return model.trainable();
      }
      LoadedWeights weights = model.frozen();
      PeftFolder.read(folder.resolve(adapter), ModelFolder.sites(model.model()))
          .forEach(weights::adapt);
      return weights;
    }
  }

  private OptimizerStep optimizer(
      LoadedWeights weights, AdamW.Config adamW, Schedule schedule, float maxGradNorm) {
    TrainConfig config = new TrainConfig(adamW, schedule, 2, 2, maxGradNorm, 1, 0);
    return new OptimizerStep(weights, config, kernels, StepMemory.unlimited(Keep.INPUT));
  }

  private static double evaluate(OptimizerStep optimizer, StepLoader.Step step) {
    List<Batch.Sequence> all = new ArrayList<>();
    step.microBatches().forEach(all::addAll);
    return Trainer.evaluate(optimizer.backprop(), Examples.of(all), 2);
  }

  /** The rows of the golden file without their padding. */
  private static List<Batch.Sequence> goldenBatch(Path folder) throws IOException {
    try (Safetensors file =
        Safetensors.open(folder.resolve("golden_forward_backward.safetensors"))) {
      int[] shape = file.shape("input_ids");
      long[] ids = file.integers("input_ids");
      long[] mask = file.integers("attention_mask");
      long[] labels = file.integers("labels");
      List<Batch.Sequence> sequences = new ArrayList<>();
      for (int row = 0; row < shape[0]; row++) {
        int length = 0;
        while (length < shape[1] && mask[row * shape[1] + length] == 1) {
          length++;
        }
        int[] tokens = new int[length];
        int[] wanted = new int[length];
        for (int i = 0; i < length; i++) {
          tokens[i] = (int) ids[row * shape[1] + i];
          wanted[i] = (int) labels[row * shape[1] + i];
        }
        sequences.add(new Batch.Sequence(row, tokens, wanted));
      }
      return sequences;
    }
  }

  private static List<StepLoader.Step> steps(Path file) throws IOException {
    List<List<List<Batch.Sequence>>> steps = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonObject batch = JsonObject.parse("curve_batches.jsonl", line);
      while (steps.size() < batch.integer("step")) {
        steps.add(new ArrayList<>());
      }
      List<?> ids = batch.list("input_ids");
      List<?> labels = batch.list("labels");
      List<Batch.Sequence> sequences = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        sequences.add(new Batch.Sequence(i, integers(ids.get(i)), integers(labels.get(i))));
      }
      steps.get(batch.integer("step") - 1).add(sequences);
    }
    return steps.stream().map(batches -> new StepLoader.Step(0, batches)).toList();
  }

  private static int[] integers(Object list) {
    return ((List<?>) list).stream().mapToInt(n -> ((Long) n).intValue()).toArray();
  }
}
