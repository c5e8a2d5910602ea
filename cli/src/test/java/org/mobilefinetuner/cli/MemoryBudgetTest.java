package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.JsonObject;

final class MemoryBudgetTest {
  @TempDir Path temporary;
  private Path model = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    model = TinyModel.make(temporary, true);
    data = temporary.resolve("notes.txt");
    Files.writeString(data, "The quick brown fox jumps over the lazy dog. ".repeat(40));
  }

  private List<Object> train(String output, List<?> more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                model,
                "--data",
                data,
                "--output-dir",
                temporary.resolve(output),
                "--max-seq-length",
                32,
                "--batch-size",
                4,
                "--max-steps",
                5,
                "--learning-rate",
                "1e-2"));
    args.addAll(more);
    return args;
  }

  /** Whatever is given up to fit, the result has the same bits if nothing else is allowed. */
  @ParameterizedTest
  @CsvSource({"lora, 0", "lora, 0.2", "dora, 0.1"})
  void aBudgetChangesNoBits(String method, double dropout) throws IOException {
    List<Object> how = List.of("--method", method, "--lora-dropout", dropout);
    Mft.Run free = Mft.run(train("free", how).toArray());
    assertThat(free.code()).as(free.err()).isZero();

    List<Object> bounded = new ArrayList<>(how);
    bounded.addAll(List.of("--allow", "nothing"));
    bounded.addAll(List.of("--memory-budget", least(bounded)));
    Mft.Run run = Mft.run(train("bounded", bounded).toArray());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("Memory plan: ", "run twice");
    String file = "adapter_model.safetensors";
    assertThat(temporary.resolve("bounded").resolve(file))
        .hasSameBinaryContentAs(temporary.resolve("free").resolve(file));
    assertThat(temporary.resolve("bounded/run.yaml")).content().contains("memory_budget: ");
  }

  /** Without clipping a segment is updated at once, which changes no bits either. */
  @Test
  void fullFineTuningInFilesChangesNoBits() throws IOException {
    AtomicFolder.delete(model);
    TinyModel.makeLarge(temporary);
    List<Object> how = List.of("--method", "full", "--max-grad-norm", 0);
    List<Object> free = new ArrayList<>(how);
    free.add("--grad-checkpoint");
    assertThat(Mft.run(train("free", free).toArray()).code()).isZero();

    List<Object> bounded = new ArrayList<>(how);
    bounded.addAll(List.of("--allow", "nothing"));
    bounded.addAll(List.of("--memory-budget", least(bounded)));
    Mft.Run run = Mft.run(train("bounded", bounded).toArray());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("weights, gradients", "updated at once", "logits by columns");
    assertThat(temporary.resolve("bounded/model.safetensors"))
        .hasSameBinaryContentAs(temporary.resolve("free/model.safetensors"));
    assertThat(logged("bounded")).isEqualTo(logged("free"));
  }

  private List<String> logged(String output) throws IOException {
    return Log.measured(temporary.resolve(output).resolve("metrics.jsonl")).stream()
        .map(Log::same)
        .toList();
  }

  /** The bytes of the smallest plan. */
  private long least(List<?> more) throws IOException {
    List<Object> args =
        new ArrayList<>(
            List.of("plan", "--model", model, "--max-seq-length", 32, "--batch-size", 4, "--json"));
    args.addAll(more);
    Mft.Run run = Mft.run(args.toArray());
    assertThat(run.code()).as(run.err()).isZero();
    long least = Long.MAX_VALUE;
    for (Object plan : JsonObject.parse("plan", run.out()).list("plans")) {
      least = Math.min(least, (long) ((JsonObject) plan).number("total_bytes"));
    }
    return least;
  }

  @Test
  void smallerMicroBatchesAreWrittenDown() throws IOException {
    Mft.Run run = Mft.run(train("small", List.of("--memory-budget", least(List.of()))).toArray());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(temporary.resolve("small/run.yaml"))
        .content()
        .contains("batch_size: 1\n", "grad_accumulation_steps: 4\n");
  }

  /** A budget that only a quantised base fits: refused, and the advice that is given is right. */
  @Test
  void aBaseIsConvertedIfThatIsAllowed() throws IOException {
    long budget = least(List.of("--base-format", "int8"));
    Mft.Run refused = Mft.run(train("refused", List.of("--memory-budget", budget)).toArray());
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("give --allow micro-batch,int8, or use shorter");
    assertThat(model.resolve(".mft")).doesNotExist();

    List<Object> allowing =
        List.of("--memory-budget", budget, "--allow", "micro-batch,int8", "--save-steps", 2);
    assertThat(limits("train", "--memory-budget", "" + budget, "--allow", "micro-batch,int8"))
        .contains("-Xmx");
    Mft.Run run = Mft.run(train("small", allowing).toArray());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("; a base of int8", "with other bits: ", "(--allow int8)");
    assertThat(temporary.resolve("small/run.yaml"))
        .content()
        .contains("base_format: int8\n", "- int8\n");

    List<Object> asked = List.of("--memory-budget", budget, "--base-format", "as-is");
    List<Object> both = new ArrayList<>(asked);
    both.addAll(List.of("--allow", "micro-batch,int8,int4"));
    assertThat(Mft.run(train("asked", both).toArray()).code()).as("as was asked for").isEqualTo(2);
  }

  /** The budget may be another, what was chosen stays: the run ends with the same bits. */
  @Test
  void aRunThatGoesOnKeepsWhatWasChosen() throws IOException {
    List<Object> allowing = List.of("--allow", "micro-batch,int8", "--save-steps", 3);
    List<Object> tight = new ArrayList<>(allowing);
    tight.addAll(List.of("--memory-budget", least(List.of("--base-format", "int8"))));
    Mft.Run whole = Mft.run(train("whole", tight).toArray());
    assertThat(whole.code()).as(whole.err()).isZero();
    List<Object> ample = new ArrayList<>(allowing);
    ample.addAll(List.of("--memory-budget", "1GB"));
    ample.addAll(List.of("--resume-from", temporary.resolve("whole/checkpoint-3")));
    Mft.Run on = Mft.run(train("on", ample).toArray());
    assertThat(on.code()).as(on.err()).isZero();
    assertThat(on.err()).contains("Goes on after step 3", "steps of 4 x 1 sequences");
    assertThat(temporary.resolve("on/run.yaml"))
        .content()
        .contains("base_format: int8\n", "batch_size: 1\n");
    String file = "adapter_model.safetensors";
    assertThat(temporary.resolve("on").resolve(file))
        .hasSameBinaryContentAs(temporary.resolve("whole").resolve(file));

    List<Object> exact = List.of("--allow", "nothing", "--memory-budget", "1GB", "--resume-from");
    List<Object> other = new ArrayList<>(exact);
    other.add(temporary.resolve("whole/checkpoint-3"));
    Mft.Run refused = Mft.run(train("other", other).toArray());
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("batch_size was 1, now it is 4");
  }

  /** Rounding changes bits, but not whether a budget does. */
  @Test
  void roundedInputsAreTheSameInEveryPlan() throws IOException {
    Mft.Run free = Mft.run(train("free", List.of("--boundary-format", "bf16")).toArray());
    assertThat(free.code()).as(free.err()).isZero();
    List<Object> how = List.of("--allow", "nothing", "--boundary-format", "bf16");
    List<Object> bounded = new ArrayList<>(how);
    bounded.addAll(List.of("--memory-budget", least(how)));
    Mft.Run run = Mft.run(train("bounded", bounded).toArray());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("run twice, their inputs on disk in bf16");
    Mft.Run exact = Mft.run(train("exact", List.of()).toArray());
    assertThat(exact.code()).as(exact.err()).isZero();
    String file = "adapter_model.safetensors";
    assertThat(temporary.resolve("bounded").resolve(file))
        .hasSameBinaryContentAs(temporary.resolve("free").resolve(file));
    assertThat(
            Files.mismatch(
                temporary.resolve("exact").resolve(file), temporary.resolve("free").resolve(file)))
        .isNotNegative();
    assertThat(temporary.resolve("free/run.yaml")).content().contains("boundary_format: bf16");
    assertThat(temporary.resolve("exact/run.yaml")).content().contains("boundary_format: f32");
  }

  @Test
  void plansListWhatIsAllowed() {
    Mft.Run run = Mft.run("plan", "--model", model, "--allow", "int8,int4,bf16-boundaries");
    assertThat(run.out()).contains("all segments run twice, their inputs in bf16");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("; a base of int8", "; a base of int4");
    Mft.Run full = Mft.run("plan", "--model", model, "--allow", "int8,int4", "--method", "full");
    assertThat(full.out()).doesNotContain("int8", "int4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--memory-budget 1MB | expected --memory-budget of at least",
        "--boundary-format f16 --memory-budget 600MB | expected --boundary-format f32 or bf16",
        "--memory-budget much | expected --memory-budget such as 600MB or 1.5GB, found \"much\"",
        "--memory-budget 600MB --allow everything | expected one of micro-batch, bf16-boundaries,"
            + " int8, int4, nothing, found \"everything\"",
      })
  void refusalsSayWhatWouldDo(String options, String message) {
    Mft.Run run = Mft.run(train("refused", List.of(options.split(" "))).toArray());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(temporary.resolve("refused")).doesNotExist();
  }

  /** A plan of the staircase is what is measured, though a faster one would fit. */
  @Test
  void eachPlanOfTheStaircaseCanBeMeasured() throws IOException {
    List<Object> work = new ArrayList<>(List.of("--model", model, "--lora-rank", 8));
    work.addAll(List.of("--lora-targets", "c_attn", "--batch-size", 4, "--max-seq-length", 32));
    List<Object> plan = new ArrayList<>(List.of("plan", "--json", "--threads", 1));
    plan.addAll(work);
    List<?> plans = JsonObject.parse("plan", Mft.run(plan.toArray()).out()).list("plans");
    assertThat(plans).hasSizeGreaterThan(3);
    for (int i = 0; i < plans.size(); i++) {
      List<Object> step = new ArrayList<>(List.of("bench", "step", "--json", "--steps", 1));
      step.addAll(work);
      step.addAll(List.of("--threads", 1, "--memory-budget", "1GB", "--staircase-plan", i));
      Mft.Run run = Mft.run(step.toArray());
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(JsonObject.parse("step", run.out()).number("planned_bytes"))
          .isEqualTo(((JsonObject) plans.get(i)).number("total_bytes"));
    }
  }

  /** What the launcher asks for before it starts the real virtual machine. */
  @Test
  void limitsAreOptionsOfJava() {
    assertThat(limits("train", "--memory-budget", "300MB")).contains("-Xmx", "-Xss512k");
    assertThat(limits("train")).isEmpty();
    assertThat(limits("bench step", "--memory-budget", "300MB")).contains("-Xmx");
    assertThat(limits("eval ppl")).isEmpty();
  }

  private String limits(String command, String... more) {
    List<String> args = new ArrayList<>(List.of(Limits.COMMAND));
    args.addAll(Arrays.asList(command.split(" ")));
    args.addAll(List.of("--model", model.toString()));
    if (command.equals("train")) {
      args.addAll(List.of("--data", data.toString(), "--output-dir", "nowhere"));
    }
    if (command.equals("eval ppl")) {
      args.addAll(List.of("--data", data.toString()));
    }
    if (!command.equals("eval ppl")) {
      args.addAll(List.of("--max-seq-length", "32"));
    }
    args.addAll(Arrays.asList(more));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertThat(Limits.print(Main.commandLine(), args.toArray(String[]::new))).isZero();
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void plansAreShown() throws IOException {
    Mft.Run run =
        Mft.run(
            "plan", "--model", model, "--max-seq-length", 32, "--memory-budget", "300MB", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonObject plan = JsonObject.parse("plan", run.out());
    assertThat(plan.list("plans")).hasSizeGreaterThan(3);
    assertThat(plan.object("chosen").number("total_bytes")).isLessThanOrEqualTo(300e6);
    Mft.Run table = Mft.run("plan", "--model", model, "--max-seq-length", 32, "--method", "full");
    assertThat(table.out())
        .contains("everything in memory", "gradients and the optimizer's state")
        .contains("segments updated at once", "with --max-grad-norm 0.");
  }

  /** What a plan has made of the batch is not what the user has changed. */
  @Test
  void aRefusalToGoOnNamesTheBudget() {
    assertThat(
            RunYaml.differences(
                "batch_size: 4\ngrad_accumulation_steps: 1\nlora_rank: 8\n",
                "batch_size: 1\ngrad_accumulation_steps: 4\nlora_rank: 8\nmemory_budget: 300MB\n"))
        .singleElement()
        .asString()
        .contains("memory_budget is not set, not 300MB", "--allow nothing");
    assertThat(
            RunYaml.differences(
                "batch_size: 4\nmemory_budget: 300MB\n", "batch_size: 2\nmemory_budget: 300MB\n"))
        .containsExactly("batch_size is 4, not 2");
  }

  @Test
  void plansKnowTheFormatOfTheBase() throws IOException {
    Mft.Run asIs = Mft.run("plan", "--model", model, "--max-seq-length", 32, "--json");
    Mft.Run int8 =
        Mft.run(
            "plan", "--model", model, "--max-seq-length", 32, "--base-format", "int8", "--json");
    assertThat(int8.code()).as(int8.err()).isZero();
    assertThat(modelBytes(int8)).isPositive().isLessThan(modelBytes(asIs));
    Mft.Run full = Mft.run("plan", "--model", model, "--base-format", "int8", "--method", "full");
    assertThat(full.code()).isEqualTo(2);
    assertThat(full.err()).contains("expected --base-format as-is for --method full");
  }

  private static double modelBytes(Mft.Run plan) throws IOException {
    return JsonObject.parse("plan", plan.out()).objects("plans").get(0).number("model_bytes");
  }

  @Test
  void aPageThatCannotBeReadIsExplained() {
    assertThat(
            Failures.message(
                new InternalError("a fault occurred in an unsafe memory access operation")))
        .contains("expected the model's files", "cut short", "restore");
  }

  @ParameterizedTest
  @CsvSource({
    "600MB, 600000000",
    "1.5GiB, 1610612736",
    "700 mb, -1",
    "1g, 1000000000",
    "12, 12",
    "0MB, -1",
    "-3MB, -1",
    "MB, -1",
    "9999999999T, -1"
  })
  void sizesAreReadAsPeopleWriteThem(String size, long bytes) {
    assertThat(Bytes.parse(size))
        .isEqualTo(bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes));
  }
}
