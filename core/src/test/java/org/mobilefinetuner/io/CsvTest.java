package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {
  private static List<List<String>> parse(String text) throws FormatException {
    return Csv.parse("x.csv", text);
  }

  @Test
  void quotesCommasAndLineBreaks() throws FormatException {
    assertThat(parse("a,\"b,\"\"c\"\"\nd\",\r\n\r\n\"\",e \"f\",\"g\"h\n"))
        .containsExactly(List.of("a", "b,\"c\"\nd", ""), List.of("", "e \"f\"", "gh"));
    assertThat(parse("\ufeffa\rb")).containsExactly(List.of("a"), List.of("b"));
    assertThat(parse("")).isEmpty();
    assertThat(parse(",")).containsExactly(List.of("", ""));
  }

  @Test
  void anOpenQuoteIsNamed() {
    assertThatThrownBy(() -> parse("a\n\"b\nc"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("x.csv:2");
  }
}
