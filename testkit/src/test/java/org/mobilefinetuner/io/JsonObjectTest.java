package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {
  private static final String ALL =
      "{\"text\":\"a ü \\\" \\u0000 \ud83d\ude00\",\"whole\":-7,\"large\":9007199254740993,"
          + "\"huge\":1000000000000000019884624838656,"
          + "\"real\":0.1,\"small\":1.0E-45,\"yes\":true,\"no\":false,\"none\":null,"
          + "\"list\":[1,[2],{\"a\":null}],\"object\":{\"z\":1,\"a\":2},\"empty\":{},\"\":[]}";

  @Test
  void readsEveryKindOfValue() throws IOException {
    JsonObject json = JsonObject.parse("test", ALL);
    assertThat(json.string("text")).isEqualTo("a ü \" \0 😀");
    assertThat(json.integer("whole")).isEqualTo(-7);
    assertThat(json.get("large")).isEqualTo(9007199254740993L);
    assertThat(json.number("huge")).isEqualTo(1e30);
    assertThat(json.number("real")).isEqualTo(0.1);
    assertThat(json.number("whole")).isEqualTo(-7);
    assertThat(json.bool("yes", false)).isTrue();
    assertThat(json.bool("no", true)).isFalse();
    assertThat(json.has("none")).isFalse();
    assertThat(json.get("none")).isNull();
    assertThat(json.keys()).contains("none");
    assertThat(json.list("list")).hasSize(3);
    assertThat(json.list("list").subList(0, 2)).isEqualTo(List.of(1L, List.of(2L)));
    assertThat(json.object("object").keys()).containsExactly("z", "a");
    assertThat(json.list("")).isEmpty();
  }

  @Test
  void writesWhatItReads() throws IOException {
    JsonObject json = JsonObject.parse("test", ALL);
    assertThat(json.toString()).isEqualTo(ALL);
    JsonObject again = JsonObject.parse("test", json.pretty());
    assertThat(again.toString()).isEqualTo(ALL);
    assertThat(json.pretty()).endsWith("}\n").contains("\n  \"whole\" : -7,");
  }

  @Test
  void writesWhatIsPut() {
    JsonObject json =
        JsonObject.empty()
            .put("int", 3)
            .put("float", 0.1f)
            .put("double", 0.1)
            .put("nan", Double.NaN)
            .put("infinite", Float.POSITIVE_INFINITY)
            .put("ids", new int[] {1, 2})
            .put("list", Arrays.asList("a", null, List.of()))
            .put("object", JsonObject.empty().put("b", true))
            .put("null", null);
    assertThat(json)
        .hasToString(
            "{\"int\":3,\"float\":0.1,\"double\":0.1,\"nan\":null,\"infinite\":null,"
                + "\"ids\":[1,2],\"list\":[\"a\",null,[]],\"object\":{\"b\":true},\"null\":null}");
  }

  @Test
  void givesDefaultsForWhatIsMissingOrNull() throws IOException {
    JsonObject json = JsonObject.parse("test", "{\"none\":null}");
    for (String key : new String[] {"none", "absent"}) {
      assertThat(json.integer(key, 3)).isEqualTo(3);
      assertThat(json.number(key, 0.5)).isEqualTo(0.5);
      assertThat(json.string(key, "x")).isEqualTo("x");
      assertThat(json.bool(key, true)).isTrue();
    }
  }

  @Test
  void saysWhatWasWantedAndFound() throws IOException {
    JsonObject json =
        JsonObject.parse(
            "config.json",
            "{\"a\":\"7\",\"b\":1.5,\"c\":3000000000,\"d\":{\"x\":1},\"whole\":9,\"l\":[1,2.5],\"t\":\""
                + "x".repeat(100)
                + "\"}");
    wrong(() -> json.integer("a"), "config.json: expected a whole number as \"a\", found \"7\"");
    wrong(() -> json.integer("b"), "expected a whole number as \"b\", found 1.5");
    wrong(() -> json.integer("c"), "expected a whole number of 32 bits as \"c\", found 3000000000");
    wrong(() -> json.integer("z"), "expected a whole number as \"z\", found nothing");
    wrong(() -> json.integer("a", 1), "expected a whole number as \"a\"");
    wrong(() -> json.size("whole", 8), "from 1 to 8 as \"whole\", found 9");
    assertThat(json.size("whole", 9)).isEqualTo(9);
    wrong(() -> json.number("a"), "expected a number as \"a\", found \"7\"");
    wrong(() -> json.string("b"), "expected a string as \"b\", found 1.5");
    wrong(() -> json.bool("b", true), "expected true or false as \"b\", found 1.5");
    wrong(() -> json.object("b"), "expected an object as \"b\", found 1.5");
    wrong(() -> json.list("d"), "expected a list as \"d\", found {\"x\":1}");
    wrong(() -> json.integers("l"), "expected a list of whole numbers as \"l\", found [1, 2.5]");
    wrong(() -> json.integer("t"), "found \"" + "x".repeat(59) + "...");
  }

  @Test
  void complaintsNameThePlace() throws IOException {
    JsonObject json =
        JsonObject.parse(
            "t.json", "{\"a\":[{\"b\":{\"c\":7}},{\"b\":null}],\"d\":[1],\"e\":\"xy\"}");
    assertThat(json.objects("absent")).isEmpty();
    List<JsonObject> objects = json.objects("a");
    assertThat(objects).hasSize(2);
    JsonObject inner = objects.get(0).object("b");
    wrong(() -> inner.string("c"), "t.json: expected a string as \"a[0].b.c\", found 7");
    wrong(() -> objects.get(1).object("b"), "expected an object as \"a[1].b\", found nothing");
    wrong(() -> json.objects("d"), "expected a list of objects as \"d\", found [1]");
    wrong(() -> json.character("e", 'x'), "expected one character as \"e\", found \"xy\"");
    assertThat(inner.wrong("is odd")).hasMessage("t.json: a[0].b is odd");
    assertThat(json.wrong("is odd")).hasMessage("t.json: is odd");
    assertThat(json.character("absent", 'x')).isEqualTo('x');
    assertThat(json.stringOrNull("absent")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "3",
        "null",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\":[1,2",
        "{\"a\":\"x",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":1} x",
        "{\"a\":1}{\"b\":2}",
        "{\"a\":tru}",
        "{\"a\":\"\\x\"}",
        "{'a':1}"
      })
  void refusesWhatIsNoObject(String text) {
    assertThatThrownBy(() -> JsonObject.parse("data.jsonl", text))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("data.jsonl: expected ")
        .hasMessageNotContainingAny("jackson", "Source", "REDACTED", "Token", "START", "JsonRead");
  }

  @Test
  void saysWhereAFileIsNoJson(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{\n  \"n_head\": 12,\n  \"n_layer\": 1O,\n  \"n_embd\": 768\n}\n");
    wrong(
        () -> JsonObject.read(file),
        file + ": expected JSON, found <ead\": 12, \"n_layer\": 1O, \"n_> at line 3, column 15");
    Files.writeString(file, "{\n  \"n_head\": 12,\n");
    wrong(
        () -> JsonObject.read(file),
        file
            + ": expected JSON to go on, found its end at line 3, column 1; is the file complete?");
    Files.writeString(file, "{\"a\": 1,}");
    wrong(() -> JsonObject.read(file), "found <{\"a\": 1,}> at line 1, column 9; correct it");
    wrong(
        () -> JsonObject.parse("lines.jsonl:7", "{'text': 3}"),
        "lines.jsonl:7: expected JSON, found <{'text':> at column 2; correct it");
    wrong(() -> JsonObject.parse("t", "{\"a\": " + "9".repeat(2000) + "}"), "levels and digits");
  }

  @Test
  void aByteOrderMarkIsSkipped(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "\ufeff{\"a\": 1}");
    assertThat(JsonObject.read(file).integer("a")).isEqualTo(1);
    Files.writeString(file, "\ufeff");
    wrong(() -> JsonObject.read(file), "expected a JSON object, found nothing");
  }

  @Test
  void refusesWhatIsNestedTooDeep() throws IOException {
    assertThat(JsonObject.parse("t", "{\"a\":" + "[".repeat(60) + "]".repeat(60) + "}").keys())
        .containsExactly("a");
    wrong(
        () -> JsonObject.parse("t", "{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}"),
        "t: expected JSON of at most 64 levels, found a deeper one");
  }

  @Test
  void refusesABinaryFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.write(file, new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"'});
    wrong(() -> JsonObject.read(file), "expected UTF-8 text");
    Files.writeString(file, "{\"a\": \"ü\"}");
    assertThat(JsonObject.read(file).string("a")).isEqualTo("ü");
  }

  private static void wrong(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(FormatException.class).hasMessageContaining(message);
  }
}
