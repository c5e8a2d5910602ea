package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.JsonObject;

class TextPatternTest {
  /** What is written out by hand matches what the regular expression matches. */
  @ParameterizedTest
  @EnumSource
  void handWrittenWordsEqualTheirExpression(WordPattern words) throws IOException {
    TextPattern expression = RegexPattern.of(words.regex(), field("{}"));
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      Span text = Span.of(randomText(random), false);
      assertThat(matches(words, text)).as(text.toString()).isEqualTo(matches(expression, text));
    }
  }

  private static String randomText(Random random) {
    String[] parts = {
      " ",
      " ",
      "  ",
      "\n",
      "\r",
      "\t",
      "'",
      "'s",
      "'S",
      "'\u017f",
      "'re",
      "'Ll",
      "'ve",
      "a",
      "É",
      "漢",
      "\ud835\udd0f",
      "\u0301",
      "1",
      "٣",
      "½",
      "\ud835\udfd8",
      "!",
      "_",
      "€",
      "🙂",
      "\u200b",
      "\u00a0",
      "\u0085",
      "\u3000",
      "\u2028",
      "\u0000"
    };
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i >= 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  private static List<String> matches(TextPattern pattern, Span text) {
    List<String> matches = new ArrayList<>();
    pattern.findAll(text, (start, end) -> matches.add(text.slice(start, end).toString()));
    return matches;
  }

  @ParameterizedTest
  @CsvSource({
    "REMOVED, the|final|countdown",
    "ISOLATED, the|-|final|-|-|countdown",
    "MERGED_WITH_PREVIOUS, the-|final-|-|countdown",
    "MERGED_WITH_NEXT, the|-final|-|-countdown",
    "CONTIGUOUS, the|-|final|--|countdown",
  })
  void matchesGoWhereTheBehaviorSays(Splitter.Behavior behavior, String expected) {
    Span text = Span.of("the-final--countdown", false);
    List<String> parts = new ArrayList<>();
    new Splitter(new TextPattern.Literal("-"), behavior, false)
        .split(text, part -> parts.add(part.toString()));
    assertThat(String.join("|", parts)).isEqualTo(expected);
  }

  @Test
  void knownExpressionsAreRecognised() throws IOException {
    String json = "{\"Regex\": \"" + WordPattern.QWEN2.regex().replace("\\", "\\\\") + "\"}";
    assertThat(TextPattern.of(field(json))).isEqualTo(WordPattern.QWEN2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\\h+", "\\bword", "[[:alpha:]]", "(?m)^a", "(?<name>a)", "(a", "\\pL", "\\Ga"})
  void expressionsThatMeanSomethingElseHereAreRefused(String regex) throws IOException {
    JsonObject field = field("{\"Regex\": \"" + regex.replace("\\", "\\\\") + "\"}");
    assertThatThrownBy(() -> TextPattern.of(field))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not supported")
        .hasMessageContaining(regex);
  }

  private static JsonObject field(String json) throws IOException {
    return JsonObject.parse("field.json", json);
  }
}
