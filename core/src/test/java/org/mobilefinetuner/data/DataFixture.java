package org.mobilefinetuner.data;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.text.AssistantTurns.Boundary;
import org.mobilefinetuner.text.ChatTemplate;
import org.mobilefinetuner.text.Tokenizer;

/** A small tokenizer of Qwen's kind, a chat template, and files to read with them. */
record DataFixture(Path folder, Tokenizer tokenizer, ChatTemplate template) {
  static final int VOCABULARY = 1000;

  private static final String CHATML =
      "{% if tools %}<tools>{{ tools | tojson }}</tools>{% endif %}"
          + "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
          + "{% for c in m.tool_calls or [] %}call {{ c.function.name }} "
          + "{{ c.function.arguments | tojson }}{% endfor %}<|im_end|>\n{% endfor %}"
          + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

  static DataFixture in(Path folder) throws IOException {
    try {
      Path model =
          Path.of(Objects.requireNonNull(DataFixture.class.getResource("/text/qwen2")).toURI());
      Files.writeString(
          Files.createDirectories(folder.resolve("tokenizer")).resolve("tokenizer_config.json"),
          "{\"eos_token\": \"<|endoftext|>\"}");
      Files.copy(
          model.resolve("tokenizer.json"), folder.resolve("tokenizer").resolve("tokenizer.json"));
      return new DataFixture(
          folder,
          Tokenizer.load(folder.resolve("tokenizer")),
          ChatTemplate.of("test", CHATML, Map.of(), Clock.systemUTC()));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static DataSettings settings(int maxLength, boolean maskPrompt, long tokensInMemory) {
    Path scratch = DataSettings.temporaryFolder();
    return new DataSettings(null, maxLength, maskPrompt, Boundary.CONTENT, scratch, tokensInMemory);
  }

  DataReader reader(DataSettings settings) {
    return new DataReader(tokenizer, VOCABULARY, template, settings);
  }

  DataReader withoutTemplate() {
    return new DataReader(tokenizer, VOCABULARY, null, DataSettings.of(500));
  }

  Path file(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  DataSet read(String... lines) throws IOException {
    return reader(DataSettings.of(500)).read(file("data.jsonl", lines));
  }

  /** The text of an example, with [[...]] around what is predicted. */
  String marked(Sequence example) {
    var text = new StringBuilder();
    List<Integer> run = new ArrayList<>();
    boolean before = false;
    for (int t = 0; t <= example.ids().length; t++) {
      boolean end = t == example.ids().length;
      boolean learned = !end && example.labels()[t] != LinearCrossEntropy.IGNORE;
      if (end || learned != before) {
        String some = tokenizer.decode(run.stream().mapToInt(i -> i).toArray());
        text.append(before ? "[[" + some + "]]" : some);
        run.clear();
      }
      if (!end) {
        run.add(example.ids()[t]);
      }
      before = learned;
    }
    return text.toString();
  }

  /** The first example that a record becomes, or what is said instead. */
  String marked(@Nullable ChatTemplate with, String line) throws IOException {
    DataReader reader = new DataReader(tokenizer, VOCABULARY, with, DataSettings.of(500));
    try (DataSet set = reader.read(file("data.jsonl", line))) {
      return marked(set.examples().get(0));
    }
  }
}
