package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnicodeFormTest {
  @ParameterizedTest
  @EnumSource
  void keepingOffsetsChangesNothing(Form form) {
    UnicodeForm normalizer = new UnicodeForm(form);
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      String text = randomText(random);
      String plain = normalizer.apply(Span.of(text, false)).toString();
      Span tracked = normalizer.apply(Span.of(text, true));
      assertThat(tracked.toString()).isEqualTo(plain);
      int reached = 0;
      for (int at = tracked.from; at < tracked.to; at++) {
        assertThat(tracked.startAt(at)).isLessThanOrEqualTo(reached);
        reached = Math.max(reached, tracked.endAt(at));
      }
      assertThat(reached).as("all of %s is accounted for", text).isEqualTo(text.length());
    }
  }

  /** Letters, marks of all classes, Hangul, and what later versions of Unicode added. */
  private static String randomText(Random random) {
    int[][] ranges = {
      {0x20, 0x7f}, {0xa0, 0x180}, {0x300, 0x370}, {0x900, 0xd80}, {0x1100, 0x1200},
      {0x1ab0, 0x1b00}, {0x1e00, 0x1f00}, {0x3040, 0x3100}, {0xac00, 0xad00}, {0xff60, 0xffe0},
      {0x11100, 0x11a00}, {0x16100, 0x16130}, {0x16d40, 0x16d70}, {0x1d150, 0x1d170}
    };
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i >= 0; i--) {
      int[] range = ranges[random.nextInt(ranges.length)];
      text.appendCodePoint(range[0] + random.nextInt(range[1] - range[0]));
    }
    return text.toString();
  }

  @Test
  void composedCharactersStandForAllTheirParts() {
    Span text = new UnicodeForm(Form.NFC).apply(Span.of("xe\u0301\u1112\u1161\u11abq", true));
    assertThat(text.toString()).isEqualTo("x\u00e9\ud55cq");
    assertThat(text.startAt(1)).isEqualTo(1);
    assertThat(text.endAt(1)).isEqualTo(3);
    assertThat(text.startAt(2)).isEqualTo(3);
    assertThat(text.endAt(2)).isEqualTo(6);
    assertThat(text.startAt(3)).isEqualTo(6);
  }

  /** The reference's tables are those of Unicode 9: U+0C3C became a mark in Unicode 14. */
  @Test
  void laterCharactersAreLeftAlone() {
    Span text = new UnicodeForm(Form.NFC).apply(Span.of("\u0341\u0c3c\u035c e\u0301", false));
    assertThat(text.toString()).isEqualTo("\u0301\u0c3c\u035c \u00e9");
  }

  /** All marks in a random order, against the platform, and far more of them than it could do. */
  @Test
  void longRunsOfMarksAreOrdered() {
    Random random = new Random(4);
    StringBuilder text = new StringBuilder();
    for (int run = 0; run < 200; run++) {
      text.append("a\u09c7\uac00");
      for (int n = random.nextInt(300); n > 0; n--) {
        int c = random.nextBoolean() ? 0x300 + random.nextInt(0x70) : random.nextInt(0x1f000);
        int type = Character.getType(c);
        text.appendCodePoint(type == Character.NON_SPACING_MARK ? c : 0x0323);
      }
    }
    for (Form form : Form.values()) {
      assertThat(Normalizer.normalize(MarkOrder.sorted(text.toString()), form))
          .isEqualTo(Normalizer.normalize(text, form));
    }
    Span marks = Span.of("a" + "\u0301\u0323".repeat(200_000), false);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertThat(new UnicodeForm(Form.NFC).apply(marks)).isNotNull());
  }
}
