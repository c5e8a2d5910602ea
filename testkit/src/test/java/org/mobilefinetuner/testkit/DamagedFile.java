package org.mobilefinetuner.testkit;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mobilefinetuner.adapter.AdapterFolder;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.LowRankAdapter;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.io.TensorSource;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Transposed;
import org.mobilefinetuner.text.ChatTemplate;
import org.mobilefinetuner.text.Tokenizer;

/** A file to damage, with what reads it. */
enum DamagedFile {
  SAFETENSORS("model.safetensors", Damage.SAFETENSORS, DamagedFile::safetensors),
  GGUF("all-types.gguf", Damage.BYTES, DamagedFile::gguf),
  CONFIG("config.json", Damage.JSON, (it, folder) -> it.model(folder)),
  WEIGHTS("model.safetensors", Damage.SAFETENSORS, (it, folder) -> it.model(folder)),
  PEFT_CONFIG("adapter_config.json", Damage.JSON, (it, folder) -> it.adapter(folder, "adapter")),
  PEFT_PATTERNS("adapter_config.json", Damage.JSON, DamagedFile::patterns),
  PEFT_WEIGHTS(
      "adapter_model.safetensors",
      Damage.SAFETENSORS,
      (it, folder) -> it.adapter(folder, "adapter")),
  DORA_WEIGHTS(
      "adapter_model.safetensors",
      Damage.SAFETENSORS,
      (it, folder) -> it.adapter(folder, "adapter_dora")),
  MLX_CONFIG("adapter_config.json", Damage.JSON, (it, folder) -> it.mlx(folder)),
  MLX_WEIGHTS("adapters.safetensors", Damage.SAFETENSORS, (it, folder) -> it.mlx(folder)),
  TOKENIZER_GPT2("tokenizer.json", Damage.JSON, (it, folder) -> it.tokenizer(folder, "gpt2")),
  TOKENIZER_QWEN2("tokenizer.json", Damage.JSON, (it, folder) -> it.tokenizer(folder, "qwen2")),
  TOKENIZER_GEMMA("tokenizer.json", Damage.JSON, (it, folder) -> it.tokenizer(folder, "gemma")),
  TOKENIZER_LLAMA(
      "tokenizer.json", Damage.JSON, (it, folder) -> it.tokenizer(folder, "llama-first")),
  TOKENIZER_LLAMA3("tokenizer.json", Damage.JSON, (it, folder) -> it.tokenizer(folder, "llama3")),
  TOKENIZER_REGEX("tokenizer.json", Damage.JSON, DamagedFile::regex),
  DATA_IDS(
      "data.jsonl",
      Damage.JSON,
      (it, folder) -> it.data(folder, "{\"input_ids\": [1, 2, 3], \"labels\": [-100, 2, 3]}\n")),
  DATA_TEXT(
      "data.jsonl",
      Damage.JSON,
      (it, folder) -> it.data(folder, "{\"text\": \"The \\u006carbour \u6f22.\"}\n")),
  DATA_PROMPTS(
      "data.jsonl",
      Damage.JSON,
      (it, folder) ->
          it.data(folder, "{\"prompt\": \"Light off\", \"completion\": \"{\\\"a\\\": 1}\"}\n")),
  DATA_CHAT(
      "data.jsonl",
      Damage.JSON,
      (it, folder) ->
          it.data(
              folder,
              "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"},"
                  + " {\"role\": \"assistant\", \"content\": \"Ho \\u6f22\"}], \"tools\": [{\"a\": 1}]}\n")),
  DATA_ALPACA(
      "data.jsonl",
      Damage.JSON,
      (it, folder) ->
          it.data(
              folder,
              "{\"instruction\": \"Add\", \"input\": \"1 2\", \"output\": \"3\","
                  + " \"history\": [[\"a\", \"b\"]]}\n")),
  DATA_SHAREGPT(
      "data.jsonl",
      Damage.JSON,
      (it, folder) ->
          it.data(
              folder,
              "{\"conversations\": [{\"from\": \"human\", \"value\": \"Hi\"},"
                  + " {\"from\": \"gpt\", \"value\": \"Ho\"}], \"system\": \"Be kind\"}\n")),
  DATA_ARRAY(
      "data.json",
      Damage.JSON,
      (it, folder) ->
          it.data(folder, "[" + "{\"text\": \"One.\"},\n".repeat(20) + "{\"text\": \"Two.\"}]")),
  DATA_PLAIN(
      "data.txt",
      Damage.BYTES,
      (it, folder) -> it.data(folder, "A line of text, \u6f22\u5b57 \ud83d\ude42.\r\n"));

  private static final String TEMPLATE =
      "{{ tools | tojson }}{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}\n"
          + "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

  private static final String TEXT =
      "the harbour <s> \u6f22\ud83d\ude42\u0000" + "a".repeat(60) + "!" + "ab".repeat(5000);

  private final String file;
  private final Damage damage;

  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  private final Setup setup;

  private interface Setup {
    DamagedReads in(DamagedFile it, Path folder) throws IOException;
  }

  DamagedFile(String file, Damage damage, Setup setup) {
    this.file = file;
    this.damage = damage;
    this.setup = setup;
  }

  /** Puts the file, and what belongs to it, into a folder. */
  DamagedReads in(Path folder) throws IOException {
    return setup.in(this, folder);
  }

  private DamagedReads reads(Path folder, DamagedReads.Reader reader) throws IOException {
    return new DamagedReads(folder.resolve(file), damage, reader);
  }

  private static void tensors(TensorSource source) throws IOException {
    for (String name : source.names()) {
      source.tensor(name);
      source.matrix(name);
    }
  }

  private DamagedReads safetensors(Path folder) throws IOException {
    copy(golden("adapter/adapter_model.safetensors"), folder.resolve(file));
    return reads(
        folder,
        at -> {
          try (Safetensors open = Safetensors.open(at)) {
            tensors(open);
          }
        });
  }

  private DamagedReads gguf(Path folder) throws IOException {
    copy(Resources.find("golden/gguf/all-types.gguf"), folder.resolve(file));
    return reads(
        folder,
        at -> {
          try (Gguf open = Gguf.open(at)) {
            tensors(open);
          }
        });
  }

  private DamagedReads patterns(Path folder) throws IOException {
    copy(golden("adapter/adapter_model.safetensors"), folder.resolve("adapter_model.safetensors"));
    String json = "{\"r\": 9, \"rank_pattern\": {\"h.0.attn.c_attn\": 4, \".*c_.*\": 4}}";
    Files.writeString(folder.resolve(file), json);
    List<Site> sites = sites();
    return reads(folder, at -> AdapterFolder.read(folder, sites));
  }

  private DamagedReads regex(Path folder) throws IOException {
    String json =
        "{\"model\": {\"vocab\": {\"a\": 0, \"<u>\": 1}, \"merges\": [], \"unk_token\": \"<u>\"},"
            + " \"pre_tokenizer\": {\"type\": \"Split\", \"behavior\": \"Isolated\","
            + " \"pattern\": {\"Regex\": \"[a-b]+|\\\\s\"}}}";
    Files.writeString(folder.resolve(file), json);
    return encodes(folder);
  }

  private DamagedReads model(Path folder) throws IOException {
    copyAll(Resources.find("golden/tiny-gpt2"), folder);
    return reads(
        folder,
        at -> {
          try (ModelFolder model = ModelFolder.open(folder)) {
            model.frozen();
          }
        });
  }

  private DamagedReads adapter(Path folder, String name) throws IOException {
    copyAll(golden(name), folder);
    List<Site> sites = sites();
    return reads(folder, at -> AdapterFolder.read(folder, sites));
  }

  /** PEFT's adapter as mlx-lm has it. */
  private DamagedReads mlx(Path folder) throws IOException {
    List<Site> sites = sites();
    Map<String, Item> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, LowRankAdapter> each :
        AdapterFolder.read(golden("adapter"), sites).entrySet()) {
      Lora lora = each.getValue().lora();
      tensors.put(each.getKey() + ".lora_a", item(lora.a().value()));
      tensors.put(each.getKey() + ".lora_b", item(lora.b().value()));
    }
    SafetensorsWriter.write(folder.resolve("adapters.safetensors"), tensors);
    Files.writeString(
        folder.resolve("adapter_config.json"),
        """
        {"fine_tune_type": "lora", "num_layers": 3, "model": "some/where",
         "lora_parameters": {"rank": 4, "scale": 2.0, "dropout": 0.0}}
        """);
    return reads(folder, at -> AdapterFolder.read(folder, sites));
  }

  private static Item item(org.mobilefinetuner.tensor.Tensor x) {
    return Item.of(Transposed.copy(x), Format.F32);
  }

  private static List<Site> sites() throws IOException {
    try (ModelFolder model = ModelFolder.open(Resources.find("golden/tiny-gpt2"))) {
      return ModelFolder.sites(model.model());
    }
  }

  private DamagedReads tokenizer(Path folder, String name) throws IOException {
    copy(texts(name).resolve(file), folder.resolve(file));
    return encodes(folder);
  }

  private DamagedReads encodes(Path folder) throws IOException {
    return reads(
        folder,
        at -> {
          Tokenizer tokenizer = Tokenizer.load(folder);
          try {
            tokenizer.decode(tokenizer.encode(TEXT, true));
          } catch (IllegalArgumentException e) {
            String reason = requireNonNull(e.getMessage());
            if (!reason.contains("unk_token") && !reason.contains("regular expression")) {
              throw e;
            }
          }
        });
  }

  private DamagedReads data(Path folder, String record) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(texts("gpt2"));
    ChatTemplate template = ChatTemplate.of("template", TEMPLATE, Map.of(), Clock.systemUTC());
    Files.writeString(folder.resolve(file), record.repeat(file.equals("data.json") ? 1 : 20));
    var reader =
        new DataReader(tokenizer, tokenizer.vocabularySize(), template, DataSettings.of(128));
    return reads(folder, at -> reader.read(at).close());
  }

  private static Path golden(String name) throws IOException {
    return Resources.find("golden/tiny-gpt2/" + name);
  }

  /** A folder of the tokenizers with which core is tested. */
  private static Path texts(String name) {
    Path root = Path.of(System.getProperty("mft.root", ".."));
    return root.resolve("core/src/test/resources/text").resolve(name);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to);
  }

  private static void copyAll(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        copy(each, to.resolve(each.getFileName()));
      }
    }
  }
}
