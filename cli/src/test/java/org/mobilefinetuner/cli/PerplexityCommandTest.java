package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;

class PerplexityCommandTest {
  @TempDir Path dir;

  /** The loss that PyTorch has found for the golden rows, from golden.json. */
  private static double goldenLoss() throws IOException {
    return JsonObject.read(Mft.GOLDEN.resolve("golden.json")).number("loss");
  }

  private Path goldenRows() throws IOException {
    StringBuilder lines = new StringBuilder();
    try (Safetensors file =
        Safetensors.open(Mft.GOLDEN.resolve("golden_forward_backward.safetensors"))) {
      int length = file.shape("input_ids")[1];
      long[] ids = file.integers("input_ids");
      long[] mask = file.integers("attention_mask");
      long[] labels = file.integers("labels");
      for (int row = 0; row < ids.length / length; row++) {
        JsonObject line = JsonObject.empty();
        line.put("input_ids", masked(ids, mask, row * length, length));
        line.put("labels", masked(labels, mask, row * length, length));
        lines.append(line).append('\n');
      }
    }
    Path file = dir.resolve("rows.jsonl");
    Files.writeString(file, lines.toString());
    return file;
  }

  private static int[] masked(long[] values, long[] mask, int from, int length) {
    return java.util.stream.IntStream.range(from, from + length)
        .filter(i -> mask[i] == 1)
        .map(i -> (int) values[i])
        .toArray();
  }

  @Test
  void lossOfTokenIds() throws IOException {
    Mft.Run run = Mft.run("eval", "ppl", "--model", Mft.GOLDEN, "--data", goldenRows(), "--json");
    assertThat(run.err()).isEmpty();
    JsonObject json = JsonObject.parse("out", run.out());
    assertThat(json.number("loss")).isCloseTo(goldenLoss(), within(1e-5));
    assertThat(json.number("perplexity")).isCloseTo(Math.exp(goldenLoss()), within(1.0));
    assertThat(json.integer("tokens")).isEqualTo(26);
    assertThat(json.integer("context")).isEqualTo(24);
    assertThat(json.integer("stride")).isEqualTo(24);
    assertThat(json.string("protocol")).isEqualTo("hf");
    assertThat(json.bool("bos_per_window", true)).isFalse();
  }

  @Test
  void adapterChangesTheLoss() throws IOException {
    JsonObject golden = JsonObject.read(Mft.GOLDEN.resolve("golden.json"));
    Mft.Run run =
        Mft.run(
            "eval",
            "ppl",
            "--model",
            Mft.GOLDEN,
            "--adapter",
            Mft.GOLDEN.resolve("adapter"),
            "--data",
            goldenRows(),
            "--json");
    assertThat(JsonObject.parse("out", run.out()).number("loss"))
        .isCloseTo(golden.object("lora").number("loss"), within(1e-5));
  }

  @Test
  void textSaysHowItWasMeasured() throws IOException {
    Path model = TinyModel.make(dir, true);
    Path text = dir.resolve("text.txt");
    Files.writeString(text, "the one\n \nand the other\n".repeat(20));
    Mft.Run run =
        Mft.run("eval", "ppl", "--model", model, "--data", text, "--context", 16, "--stride", 8);
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("Perplexity", "Protocol hf (A:", "context 16, stride 8", "tokens");
    JsonObject joined = ppl(model, text);
    JsonObject asIs = ppl(model, text, "--as-is");
    assertThat(joined.integer("tokens")).isGreaterThan(asIs.integer("tokens"));
    assertThat(asIs.integer("tokens")).isEqualTo(20 * 17 - 22);
    assertThat(joined.number("perplexity")).as("nothing learned").isBetween(250.0, 350.0);
  }

  private static JsonObject ppl(Path model, Path data, Object... more) throws IOException {
    Object[] args = {"eval", "ppl", "--model", model, "--data", data, "--context=16", "--json"};
    Object[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return JsonObject.parse("out", Mft.run(all).out());
  }

  private static final String PAGES =
      """

       = One = \n
       the one , 5 @,@ 000 and the other . \n
       = Two = \n
       a page " with quotes " \n""";

  @Test
  void lmEvalDividesByWordsAndBytes() throws IOException {
    Path model = TinyModel.make(dir, true);
    Path text = dir.resolve("pages.raw");
    Files.writeString(text, PAGES);
    JsonObject json = ppl(model, text, "--protocol", "lm-eval");
    assertThat(json.string("protocol")).isEqualTo("lm-eval");
    int bytes = json.integer("bytes");
    assertThat(bytes).isBetween(60, PAGES.length());
    double nll = json.number("loss") * json.integer("tokens");
    assertThat(json.number("bits_per_byte")).isCloseTo(nll / bytes / Math.log(2), within(1e-9));
    assertThat(json.number("word_perplexity"))
        .isCloseTo(Math.exp(nll / json.integer("words")), within(1e-6 * Math.exp(nll / 20)));

    Path jsonl = dir.resolve("pages.jsonl");
    Files.writeString(jsonl, JsonObject.empty().put("page", PAGES) + "\n");
    assertThat(ppl(model, jsonl, "--protocol=lm-eval").integer("bytes")).isEqualTo(PAGES.length());

    Mft.Run run = Mft.run("eval", "ppl", "--model", model, "--data", text, "--protocol=lm-eval");
    assertThat(run.out())
        .contains("Protocol lm-eval (C:", "context 40", "Word perplexity", "bits per byte");
  }

  @Test
  void llamaCppScoresHalves() throws IOException {
    Path model = TinyModel.make(dir, true);
    Path text = dir.resolve("text.txt");
    Files.writeString(text, "x".repeat(100) + "\n");
    JsonObject json = ppl(model, text, "--protocol", "llamacpp");
    assertThat(json.integer("windows")).isEqualTo(6);
    assertThat(json.integer("tokens")).isEqualTo(6 * 7);
    Files.writeString(text, "x".repeat(15));
    Mft.Run run =
        Mft.run("eval", "ppl", "--model", model, "--data", text, "--protocol=llamacpp", "--ctx=16");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("at least 16 tokens, found 15");
  }

  @Test
  void bosInFrontOfEachWindow() throws IOException {
    Path model = TinyModel.make(dir, true);
    Path text = dir.resolve("text.txt");
    Files.writeString(text, "x".repeat(45));
    Mft.Run run = Mft.run("eval", "ppl", "--model", model, "--data", text, "--bos-per-window");
    assertThat(run.err()).contains("expected a tokenizer with a BOS token");
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"bos_token\": \"<|endoftext|>\"}");
    JsonObject json = ppl(model, text, "--bos-per-window");
    assertThat(json.bool("bos_per_window", false)).isTrue();
    assertThat(json.integer("stride")).isEqualTo(15);
    assertThat(json.integer("windows")).isEqualTo(3);
    run = Mft.run("eval", "ppl", "--model", model, "--data", text, "--bos-per-window", "--ctx=16");
    assertThat(run.out()).contains("BOS in front of each window");
  }

  @Test
  void severalModelsSideBySide() throws IOException {
    Path adapter = Mft.GOLDEN.resolve("adapter");
    Object[] args = {
      "eval", "ppl", "--model", Mft.GOLDEN, "--data", goldenRows(), "--adapter", adapter,
    };
    Object[] more = java.util.Arrays.copyOf(args, args.length + 2);
    more[args.length] = "--adapter";
    more[args.length + 1] = Mft.GOLDEN.resolve("adapter_step5");
    Mft.Run run = Mft.run(more);
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().map(line -> line.split(" ", 2)[0]))
        .containsSequence("model", "base", adapter.toString(), more[args.length + 1].toString());

    Object[] base = java.util.Arrays.copyOf(args, args.length + 2);
    base[args.length] = "--base";
    base[args.length + 1] = "--json";
    JsonObject json = JsonObject.parse("out", Mft.run(base).out());
    assertThat(json.list("results")).hasSize(2);
    JsonObject first = (JsonObject) json.list("results").get(0);
    JsonObject second = (JsonObject) json.list("results").get(1);
    assertThat(first.get("adapter")).isNull();
    assertThat(first.number("loss")).isCloseTo(goldenLoss(), within(1e-5));
    assertThat(second.string("adapter")).isEqualTo(adapter.toString());
    assertThat(second.number("loss")).isNotCloseTo(goldenLoss(), within(1e-3));
  }

  @Test
  void protocolsTakeOnlyWhatTheyHave() throws IOException {
    Path model = TinyModel.make(dir, true);
    Path text = dir.resolve("text.txt");
    Files.writeString(text, "abc");
    for (String[] wrong :
        new String[][] {
          {"--protocol=lmeval", "did you mean lm-eval?"},
          {"--protocol=lm-eval --stride=4", "--stride belongs to --protocol hf"},
          {"--protocol=llamacpp --as-is", "--as-is belongs to --protocol hf"},
        }) {
      Object[] args = ("eval ppl --model " + model + " --data " + text + " " + wrong[0]).split(" ");
      Mft.Run run = Mft.run(args);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains(wrong[1]);
    }
  }

  @Test
  void aByteOrderMarkIsNoText() throws IOException {
    Path model = TinyModel.make(dir, true);
    Path text = dir.resolve("text.txt");
    Files.writeString(text, "some words to be measured");
    Mft.Run plain = Mft.run("eval", "ppl", "--model", model, "--data", text, "--json");
    assertThat(plain.code()).as(plain.err()).isZero();
    Files.writeString(text, "\ufeff" + Files.readString(text));
    Mft.Run marked = Mft.run("eval", "ppl", "--model", model, "--data", text, "--json");
    JsonObject wanted = JsonObject.parse("out", plain.out());
    JsonObject found = JsonObject.parse("out", marked.out());
    assertThat(found.integer("tokens")).isEqualTo(wanted.integer("tokens"));
    assertThat(found.number("loss")).isEqualTo(wanted.number("loss"));
  }

  @Test
  void badInput() throws IOException {
    Path rows = goldenRows();
    Mft.Run run = Mft.run("eval", "ppl", "--model", Mft.GOLDEN, "--data", rows, "--context", 25);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("the model's 24 positions, found 25");

    run = Mft.run("eval", "ppl", "--model", Mft.GOLDEN, "--data", rows, "--stride", 25);
    assertThat(run.code()).isEqualTo(2);

    run = Mft.run("eval", "ppl", "--model", Mft.GOLDEN, "--data", dir.resolve("none.jsonl"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("none.jsonl, found none");

    Path text = dir.resolve("a.txt");
    Files.writeString(text, "abc");
    run = Mft.run("eval", "ppl", "--model", Mft.GOLDEN, "--data", text);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("expected a tokenizer");

    Path model = TinyModel.make(dir, true);
    Files.writeString(text, "");
    run = Mft.run("eval", "ppl", "--model", model, "--data", text);
    assertThat(run.err()).contains("at least 2 tokens, found 0");

    Files.writeString(rows, "{\"input_ids\": [1, 2]}\n{\"input_ids\": [3, 61]}\n");
    run = Mft.run("eval", "ppl", "--model", Mft.GOLDEN, "--data", rows);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("rows.jsonl:2", "found 61");

    Files.writeString(rows, "");
    run = Mft.run("eval", "ppl", "--model", Mft.GOLDEN, "--data", rows);
    assertThat(run.err()).contains("found none");
  }

  @Test
  void tokenizerLargerThanTheEmbedding() throws IOException {
    Path model = TinyModel.golden(dir);
    ByteTokenizer.write(model);
    Path text = dir.resolve("a.txt");
    Files.writeString(text, "abc");
    Mft.Run run = Mft.run("eval", "ppl", "--model", model, "--data", text);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("at most 61 tokens", "found 260");
  }

  @Test
  void notANumberIsNamed() throws IOException {
    Path model = TinyModel.golden(dir);
    TinyModel.poke(model, "transformer.h.0.attn.c_proj.weight", Float.POSITIVE_INFINITY);
    Mft.Run run = Mft.run("eval", "ppl", "--model", model, "--data", goldenRows());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("transformer.h.0.attn.c_proj.weight", "found Infinity");
    assertThat(run.out()).isEmpty();
  }
}
