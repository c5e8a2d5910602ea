package org.mobilefinetuner.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.text.Tokenizer;

/** A text that is read in pieces has the tokens of the whole. */
class PlainTextTest {
  private static final String[] WORDS = {
    "harbour", "the", "don't", "12", "火车", "🙂", "(a)", ".", "...", "\n", "\n", "\n\n", " \n",
    "\r\n"
  };

  private static String text() {
    Random random = new Random(8);
    StringBuilder text = new StringBuilder();
    while (text.length() < 60_000) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(random.nextInt(3) > 0 ? " " : "");
    }
    return text.toString();
  }

  private static Tokenizer tokenizer(String name) throws IOException {
    try {
      return Tokenizer.load(
          Path.of(
              Objects.requireNonNull(PlainTextTest.class.getResource("/text/" + name)).toURI()));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static List<int[]> pieces(PlainText.Encoder encoder, String text) throws IOException {
    List<int[]> pieces = new ArrayList<>();
    new PlainText(encoder, 4000).read(new StringReader(text), pieces::add);
    return pieces;
  }

  private static int[] joined(List<int[]> pieces) {
    return pieces.stream().flatMapToInt(Arrays::stream).toArray();
  }

  @ParameterizedTest
  @CsvSource({"gpt2, 5", "qwen2, 5", "llama3, 5", "gemma, 5", "llama, 1", "llama-first, 1"})
  void thePiecesHaveTheTokensOfTheWhole(String name, int least) throws IOException {
    Tokenizer tokenizer = tokenizer(name);
    String text = text();
    List<int[]> pieces = pieces(tokenizer::encode, text);
    assertThat(joined(pieces)).isEqualTo(tokenizer.encode(text));
    assertThat(pieces).hasSizeGreaterThanOrEqualTo(least);
  }

  /** A token over the end of a line is not torn. */
  @Test
  void aCutThatMakesADifferenceIsNotMade() throws IOException {
    Pattern tokens = Pattern.compile("\na|.", Pattern.DOTALL);
    PlainText.Encoder encoder =
        text -> tokens.matcher(text).results().mapToInt(m -> m.group().hashCode()).toArray();
    String text = ("ab\n".repeat(20) + "cd\n").repeat(800);
    List<int[]> pieces = pieces(encoder, text);
    assertThat(joined(pieces)).isEqualTo(encoder.encode(text));
    assertThat(pieces).hasSizeGreaterThan(3);
    assertThat(pieces(encoder, "ab\n".repeat(20_000))).hasSize(1);
  }

  @Test
  void blocksAreTheSameHoweverThePiecesAre() throws IOException {
    List<String> found = new ArrayList<>();
    PlainText.Blocks blocks =
        new PlainText.Blocks(3, ids -> found.add(Arrays.toString(ids)) && found.size() < 4);
    assertThat(blocks.accept(1, 2)).isTrue();
    assertThat(blocks.accept()).isTrue();
    assertThat(blocks.accept(3, 4, 5, 6, 7)).isTrue();
    blocks.end();
    assertThat(found).containsExactly("[1, 2, 3]", "[4, 5, 6]");
    PlainText.Blocks more = new PlainText.Blocks(3, ids -> found.add(Arrays.toString(ids)));
    more.accept(1, 2, 3, 4, 5);
    more.end();
    assertThat(found).endsWith("[1, 2, 3]", "[4, 5]");
  }
}
