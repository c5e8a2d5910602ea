package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
  @Test
  void everyCodePointSurvives() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    byte[] bytes = all.toString().getBytes(StandardCharsets.UTF_8);
    assertThat(decode(bytes).contentEquals(all)).isTrue();
    int at = 0;
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      int length = Utf8.length(c);
      for (int i = 0; i < length; i++, at++) {
        assertThat((byte) Utf8.octet(c, length, i)).isEqualTo(bytes[at]);
      }
    }
    assertThat(at).isEqualTo(bytes.length);
  }

  /** The examples of the Unicode Standard, tables 3-8 to 3-11. */
  @ParameterizedTest
  @CsvSource({
    "C0 AF E0 80 BF F0 81 82 41, ????????A",
    "ED A0 80 ED BF BF ED AF 41, ????????A",
    "F4 91 92 93 FF 41 80 BF 42, ?????A??B",
    "E1 80 E2 F0 91 92 F1 BF 41, ????A",
  })
  void eachMaximalPartBecomesOneReplacement(String hex, String expected) {
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    assertThat(decode(bytes)).isEqualTo(expected.replace('?', '\ufffd'));
  }

  private static String decode(byte[] bytes) {
    Utf8 utf8 = new Utf8();
    StringBuilder text = new StringBuilder();
    for (byte each : bytes) {
      utf8.push(each, text);
    }
    utf8.end(text);
    return text.toString();
  }
}
