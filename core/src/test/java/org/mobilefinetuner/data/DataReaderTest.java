package org.mobilefinetuner.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mobilefinetuner.data.DataFixture.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.text.ChatTemplate;

/** What becomes of records: their tokens, and which of them are learned. */
class DataReaderTest {
  private static final String TALK =
      "{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"},"
          + " {\"role\": \"user\", \"content\": \"One?\"},"
          + " {\"role\": \"assistant\", \"content\": \"One.\"},"
          + " {\"role\": \"user\", \"content\": \"Two?\"},"
          + " {\"role\": \"assistant\", \"content\": \"Two.\"%s}]}";
  private static final String TALKED =
      """
      <|im_start|>system
      Be brief.<|im_end|>
      <|im_start|>user
      One?<|im_end|>
      <|im_start|>assistant
      [[One.<|im_end|>]]
      <|im_start|>user
      Two?<|im_end|>
      <|im_start|>assistant
      [[Two.<|im_end|>]]
      """;

  @TempDir Path folder;
  private DataFixture data;

  @BeforeEach
  void prepare() throws IOException {
    data = DataFixture.in(folder);
  }

  private String marked(String line) throws IOException {
    return data.marked(data.template(), line);
  }

  @Test
  void ofAChatTheAnswersAreLearned() throws IOException {
    assertThat(marked(TALK.formatted(""))).isEqualTo(TALKED);
  }

  /** A token that begins in the header and reaches into the answer is given, not learned. */
  @Test
  void aTokenBelongsToTheAnswerIfItBeginsInIt() throws IOException {
    String turns =
        "{% for m in messages %}{{ 'r' if m.role == 'assistant' else 'q: ' }}{{ m.content }};"
            + "{% endfor %}{{ 'r' if add_generation_prompt else '' }}";
    ChatTemplate template = ChatTemplate.of("test", turns, Map.of(), Clock.systemUTC());
    assertThat(data.tokenizer().encode("rain")).hasSize(1);
    assertThat(data.marked(template, TALK.formatted("").replace("Two.", "ain the")))
        .endsWith("Two?;rain[[ the;]]");
  }

  @ParameterizedTest
  @CsvSource({"weight, 0", "weight, 0.0", "train, false", "train, 0"})
  void aMessageCanBeLeftOut(String flag, String value) throws IOException {
    String line = TALK.formatted(", \"" + flag + "\": " + value);
    assertThat(marked(line)).isEqualTo(TALKED.replace("[[Two.<|im_end|>]]", "Two.<|im_end|>"));
    assertThat(marked(line.replace(value, "1"))).isEqualTo(TALKED);
  }

  @Test
  void thePromptIsLearnedWhereThatIsAskedFor() throws IOException {
    DataReader reader = data.reader(settings(500, false, 100));
    Path file = data.file("data.jsonl", TALK.formatted(", \"weight\": 0"));
    try (DataSet set = reader.read(file)) {
      assertThat(data.marked(set.examples().get(0)))
          .isEqualTo(
              "[["
                  + TALKED
                      .replace("[[Two.<|im_end|>]]", "]]Two.<|im_end|>[[")
                      .replaceFirst("\\[\\[One.<[|]im_end[|]>]]", "One.<|im_end|>")
                  + "]]");
    }
    file = data.file("data.jsonl", "{\"prompt\": \"a b\", \"completion\": \" c\"}");
    try (DataSet set = reader.read(file)) {
      assertThat(data.marked(set.examples().get(0))).isEqualTo("[[a b c<|endoftext|>]]");
    }
  }

  @Test
  void theToolsAreGivenToTheTemplate() throws IOException {
    String talk = TALK.formatted("").replace("]}", "], \"tools\": %s}");
    String tools = "[{\"name\": \"f\"}]";
    assertThat(marked(talk.formatted(tools)))
        .isEqualTo("<tools>" + tools + "</tools>" + TALKED)
        .isEqualTo(marked(talk.formatted("\"[{\\\"name\\\": \\\"f\\\"}]\"")));
    assertThat(marked(talk.formatted("[]")))
        .isEqualTo(TALKED)
        .isEqualTo(marked(talk.formatted("\"\"")))
        .isEqualTo(marked(talk.formatted("null")));
  }

  @Test
  void ofPromptAndCompletionTheCompletionIsLearned() throws IOException {
    assertThat(marked("{\"prompt\": \"one two\", \"completion\": \" three\"}"))
        .isEqualTo("one two[[ three<|endoftext|>]]");
    String question =
        "{\"prompt\": [{\"role\": \"user\", \"content\": \"a\"},"
            + " {\"role\": \"assistant\", \"content\": \"b\"}, {\"role\": \"user\","
            + " \"content\": \"c\"}], \"completion\": [{\"role\": \"assistant\","
            + " \"content\": \"d\"}]}";
    assertThat(marked(question))
        .isEqualTo(
            """
            <|im_start|>user
            a<|im_end|>
            <|im_start|>assistant
            b<|im_end|>
            <|im_start|>user
            c<|im_end|>
            <|im_start|>assistant
            [[d<|im_end|>]]
            """);
  }

  @Test
  void ofTextAllIsLearned() throws IOException {
    assertThat(marked("{\"text\": \"one two\"}")).isEqualTo("[[one two<|endoftext|>]]");
  }

  private static final String ALPACA =
      "{\"instruction\": \"Add.\", \"input\": \"%s\", \"output\": \"3\"%s}";

  @Test
  void alpacaIsAConversationWhereTheModelHasATemplate() throws IOException {
    String history = ", \"system\": \"Sum.\", \"history\": [[\"Hi\", \"Ho\"]], \"text\": \"x\"";
    assertThat(marked(ALPACA.formatted("1 2", history)))
        .isEqualTo(
            """
            <|im_start|>system
            Sum.<|im_end|>
            <|im_start|>user
            Hi<|im_end|>
            <|im_start|>assistant
            [[Ho<|im_end|>]]
            <|im_start|>user
            Add.
            1 2<|im_end|>
            <|im_start|>assistant
            [[3<|im_end|>]]
            """);
    assertThat(marked(ALPACA.formatted("", ""))).contains("user\nAdd.<|im_end|>");
  }

  @Test
  void alpacaIsStanfordsTextWhereItHasNone() throws IOException {
    String withInput =
        "Below is an instruction that describes a task, paired with an input that provides further"
            + " context. Write a response that appropriately completes the request.\n\n"
            + "### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:\n"
            + "[[3<|endoftext|>]]";
    String without =
        "Below is an instruction that describes a task. Write a response that appropriately"
            + " completes the request.\n\n### Instruction:\nAdd.\n\n### Response:\n"
            + "[[3<|endoftext|>]]";
    assertThat(data.marked(null, ALPACA.formatted("1 2", ""))).isEqualTo(withInput);
    assertThat(data.marked(null, ALPACA.formatted("", ""))).isEqualTo(without);
    String more = ", \"system\": \"Sum.\", \"history\": [[\"Hi\", \"Ho\"]]";
    assertThat(data.marked(null, ALPACA.formatted("", more)))
        .isEqualTo(
            "Sum.\n\n### Instruction:\nHi\n\n### Response:\nHo\n\n### Instruction:\nAdd.\n\n"
                + "### Response:\n[[3<|endoftext|>]]");
  }

  @Test
  void sharegptHasRolesOfItsOwn() throws IOException {
    String line =
        "{\"system\": \"S\", \"tools\": \"[{\\\"name\\\": \\\"f\\\"}]\", \"conversations\": ["
            + "{\"from\": \"human\", \"value\": \"a\"},"
            + "{\"from\": \"function_call\", \"value\":"
            + " \"{\\\"name\\\": \\\"f\\\", \\\"arguments\\\": {\\\"x\\\": 1}}\"},"
            + "{\"from\": \"observation\", \"value\": \"r\"},"
            + "{\"from\": \"gpt\", \"value\": \"b\", \"weight\": 0},"
            + "{\"from\": \"gpt\", \"value\": \"c\"}]}";
    assertThat(marked(line))
        .isEqualTo(
            "<tools>[{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]</tools>"
                + "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n"
                + "<|im_start|>assistant\n[[call f {\"x\": 1}<|im_end|>]]\n"
                + "<|im_start|>tool\nr<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
                + "<|im_start|>assistant\n[[c<|im_end|>]]\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'messages': []} | data.jsonl:2: expected a list of messages as \"messages\"",
        "{'messages': [5]} | a list of objects as \"messages\"",
        "{'messages': [{'content': 'a'}]} | a string as \"messages[0].role\", found nothing",
        "{'messages': [{'role': 'assistant', 'content': 'a', 'weight': 0.5}]} "
            + "| 0, 1, true or false as \"messages[0].weight\", found 0.5",
        "{'messages': [{'role': 'user', 'content': 'a', 'train': true}]} "
            + "| only what the assistant says can be learned",
        "{'messages': [{'role': 'user', 'content': 'a'}], 'tools': 'x'} "
            + "| JSON in the text as \"tools\", found \"x\"; correct it",
        "{'messages': [{'role': 'user', 'content': 'a'}], 'tools': 5} | a list of tools",
        "{'prompt': [{'role': 'user', 'content': 'a'}], 'completion': 'b'} "
            + "| a list as \"completion\"",
        "{'prompt': 'a', 'completion': ['b']} | a string as \"completion\"",
        "{'instruction': 'a', 'output': 'b', 'history': [['c']]} | a list of pairs",
        "{'conversations': []} | a list of turns",
        "{'conversations': [{'from': 'me', 'value': 'a'}]} "
            + "| human, gpt, system, observation or function_call as \"conversations[0].from\"",
        "{'conversations': [{'from': 'function_call', 'value': '5'}]} | a function call",
        "{'conversations': [{'from': 'function_call', 'value': 'null'}]} | a function call",
        "{'prompt': 'a', 'chosen': 'b', 'rejected': 'c'} | found preferences",
        "{'prompt': 'a', 'completion': 'b', 'label': true} | found preferences",
        "{'prompt': 'a'} | found [prompt]; rename the keys",
        "{'question': 'a'} | expected the keys of a chat",
        "{'text': 5} | a string as \"text\"",
        "{'input_ids': []} | at least one token",
        "{'input_ids': [1], 'labels': [1000]} | labels of -100 or below 1000, found 1000",
        "{'text': | expected JSON to go on",
        "[1] | expected a JSON object, found 1",
      })
  void mistakesAreNamedWithTheirLine(String line, String message) throws IOException {
    Path file = data.file("data.jsonl", "", line.replace('\'', '"'));
    assertThatThrownBy(() -> data.reader(DataSettings.of(100)).read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("data.jsonl:2");
  }

  /** No text breaks the reading, however odd. */
  @ParameterizedTest
  @ValueSource(
      strings = {"\\ud800", "\\udc00\\ud800", "\\u0000", "\\ufeff", "<|im_end|><|im_start|>"})
  void oddTextsAreTexts(String text) throws IOException {
    assertThat(marked("{\"text\": \"" + text + "\"}")).isNotEmpty();
    assertThat(marked(TALK.formatted("").replace("Two.", text))).isNotEmpty();
  }

  @Test
  void aFileHoldsOneKindOfRecord() {
    assertThatThrownBy(() -> data.read("{\"text\": \"a\"}", TALK.formatted("")))
        .hasMessageContaining("data.jsonl:2: expected a text record as the first, found chat");
  }

  @Test
  void aConversationNeedsATemplate() throws IOException {
    Path file = data.file("data.jsonl", TALK.formatted(""));
    assertThatThrownBy(() -> data.withoutTemplate().read(file))
        .hasMessageContaining("data.jsonl:1: expected a chat template")
        .hasMessageContaining("prompt and completion");
  }

  @Test
  void complaintsOfTheTemplateNameTheLine() throws IOException {
    ChatTemplate strict =
        ChatTemplate.of("test", "{{ raise_exception('No!') }}", Map.of(), Clock.systemUTC());
    assertThatThrownBy(() -> data.marked(strict, TALK.formatted("")))
        .hasMessageContaining("data.jsonl:1: ")
        .hasMessageContaining("No!");
  }

  /** An array, on many lines or on one, is the same as lines. */
  @ParameterizedTest
  @CsvSource({"'\n', false", "'', false", "'\n', true"})
  void anArrayEqualsLines(String breaks, boolean mark) throws IOException {
    String[] lines = {TALK.formatted(""), TALK.formatted(", \"weight\": 0"), TALK.formatted("")};
    List<Sequence> expected = all(data.read(lines));
    String array = "[" + breaks + String.join("," + breaks, lines) + breaks + "]";
    Path file = data.file("array.json", (mark ? "\ufeff \n" : "") + array);
    assertSame(all(data.reader(DataSettings.of(500)).read(file)), expected);
  }

  @Test
  void mistakesInAnArrayAreNamedWithLineAndNumber() throws IOException {
    Path file = data.file("array.json", "[{\"text\": \"a\"},", "{\"text\": 7}]");
    assertThatThrownBy(() -> data.reader(DataSettings.of(500)).read(file))
        .hasMessageContaining("array.json:2 (record 2): expected a string as \"text\"");
    Path open = data.file("open.json", "[{\"text\": \"a\"}");
    assertThatThrownBy(() -> data.reader(DataSettings.of(500)).read(open))
        .hasMessageContaining("open.json: expected JSON to go on");
    Path two = data.file("two.json", "[{\"text\": \"a\"}] []");
    assertThatThrownBy(() -> data.reader(DataSettings.of(500)).read(two))
        .hasMessageContaining("found more behind it");
    Path empty = data.file("empty.json", "[]");
    assertThatThrownBy(() -> data.reader(DataSettings.of(500)).read(empty))
        .hasMessageContaining("is the file empty?");
  }

  @Test
  void theFormatCanBeSaid() throws IOException {
    String both = "{\"text\": \"a\", \"prompt\": \"b\", \"completion\": \"c\"}";
    Path file = data.file("data.jsonl", both, "{\"text\": \"d\"}");
    DataSettings usual = DataSettings.of(50);
    DataSettings said =
        new DataSettings(
            DataFormat.TEXT, 50, true, usual.boundary(), usual.scratch(), usual.tokensInMemory());
    List<Sequence> read = all(data.reader(said).read(file));
    assertThat(data.marked(read.get(0))).isEqualTo("[[a<|endoftext|>]]");
    assertThat(read).hasSize(2);
  }

  /** In a file and in memory they are the same, labels of every kind too. */
  @Test
  void examplesInAScratchFileEqualThoseInMemory() throws IOException {
    String[] lines = new String[40];
    for (int i = 0; i < lines.length; i++) {
      String words = "harbour ".repeat(i % 7);
      lines[i] = "{\"prompt\": \"" + words + "\", \"completion\": \"" + words + "é\"}";
    }
    List<Sequence> expected = all(data.read(lines));
    Path file = data.file("data.jsonl", lines);
    for (long most : new long[] {0, 10, 200}) {
      assertSame(all(data.reader(settings(500, true, most)).read(file)), expected);
    }
    Path ids =
        data.file(
            "ids.jsonl",
            "{\"input_ids\": [0, 5, 999, 7], \"labels\": [-100, 6, -100, 0]}",
            "{\"input_ids\": [3, 0, 1]}");
    List<Sequence> given = all(data.reader(settings(500, true, 0)).read(ids));
    assertThat(given.get(0).ids()).containsExactly(0, 5, 999, 7);
    assertThat(given.get(0).labels()).containsExactly(-100, 6, -100, 0);
    assertThat(given.get(1).labels()).containsExactly(3, 0, 1);
  }

  @Test
  void aScratchFileLeavesNothingBehind() throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    DataSettings usual = DataSettings.of(50);
    DataSettings settings = new DataSettings(null, 50, true, usual.boundary(), scratch, 0);
    Path file = data.file("data.jsonl", "{\"text\": \"a b c\"}");
    DataSet set = data.reader(settings).read(file);
    assertThat(set.examples().get(0).ids()).isNotEmpty();
    set.close();
    Path damaged = data.file("damaged.jsonl", "{\"text\": \"a b c\"}", "{");
    assertThatThrownBy(() -> data.reader(settings).read(damaged))
        .isInstanceOf(FormatException.class);
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left).isEmpty();
    }
    Path nowhere = folder.resolve("nowhere");
    DataSettings lost = new DataSettings(null, 50, true, usual.boundary(), nowhere, 0);
    assertThatThrownBy(() -> data.reader(lost).read(file))
        .hasMessageContaining("expected room for a scratch file")
        .hasMessageContaining("TMPDIR");
  }

  /** What has nothing to predict is left out and counted; a file of nothing else is an error. */
  @Test
  void examplesWithoutASupervisedTokenAreDroppedAndCounted() throws IOException {
    String silent = TALK.replace("assistant", "user").formatted("");
    DataSet set = data.read(silent, TALK.formatted(""), silent);
    assertThat(set.examples().count()).isEqualTo(1);
    assertThat(set.dropped()).isEqualTo(2);
    assertThat(set.emptied()).isZero();
    assertThatThrownBy(() -> data.read(silent, silent))
        .hasMessageContaining("at least one example with a token to predict, found none")
        .hasMessageContaining("2 have no supervised token");
  }

  /** Cutting is counted, and what loses all its supervised tokens is counted apart. */
  @Test
  void truncationIsCountedAndWhatItEmptiesIsCountedApart() throws IOException {
    String prompt = "{\"prompt\": \"" + "harbour ".repeat(30) + "\", \"completion\": \"a\"}";
    String text = "{\"prompt\": \"a\", \"completion\": \"" + "harbour ".repeat(30) + "\"}";
    Path file = data.file("data.jsonl", prompt, text, text, text.replace("harbour ", ""));
    DataReader reader = data.reader(DataSettings.of(20));
    try (DataSet set = reader.read(file)) {
      assertThat(set.truncated()).isEqualTo(3);
      assertThat(set.emptied()).isEqualTo(1);
      assertThat(set.dropped()).isZero();
      assertThat(set.examples().count()).isEqualTo(3);
      assertThat(set.examples().length(0)).isEqualTo(20);
    }
    Path hopeless = data.file("hopeless.jsonl", prompt);
    assertThatThrownBy(() -> reader.read(hopeless))
        .hasMessageContaining("1 only beyond 20 tokens")
        .hasMessageContaining("raise --max-seq-length");
  }

  @Test
  void aPlainTextIsCutIntoBlocks() throws IOException {
    Path file = data.file("notes.txt", "one two three four five six seven".repeat(9));
    DataSet set = data.reader(DataSettings.of(16)).read(file);
    int[] whole = data.tokenizer().encode(Files.readString(file));
    int[] found = all(set).stream().flatMapToInt(s -> java.util.Arrays.stream(s.ids())).toArray();
    assertThat(whole).startsWith(found);
    assertThat(whole.length - found.length).as("a last token alone teaches nothing").isLessThan(2);
    assertThat(set.format()).isEqualTo(DataFormat.PLAIN);
    assertThat(set.truncated()).isZero();
  }

  @Test
  void theLastPartIsSplitOff() throws IOException {
    DataSet set =
        data.read(Stream.generate(() -> "{\"text\": \"a\"}").limit(10).toArray(String[]::new));
    List<DataSet> parts = set.split(0.3);
    assertThat(parts.get(0).examples().count()).isEqualTo(7);
    assertThat(all(parts.get(1))).extracting(Sequence::id).containsExactly(7L, 8L, 9L);
    assertThatThrownBy(() -> set.split(0.99)).hasMessageContaining("more examples than");
  }

  private static List<Sequence> all(DataSet set) throws IOException {
    List<Sequence> all = new ArrayList<>();
    try (set) {
      for (int i = 0; i < set.examples().count(); i++) {
        Sequence each = set.examples().get(i);
        assertThat(set.examples().length(i)).isEqualTo(each.ids().length);
        assertThat(set.examples().supervised(i)).isEqualTo(each.supervised());
        all.add(each);
      }
    }
    return all;
  }

  private static void assertSame(List<Sequence> found, List<Sequence> expected) {
    assertThat(found).usingRecursiveFieldByFieldElementComparator().isEqualTo(expected);
    assertThat(expected).isNotEmpty();
  }
}
