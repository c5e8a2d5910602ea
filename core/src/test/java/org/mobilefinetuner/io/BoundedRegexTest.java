package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundedRegexTest {
  /** Two that would take years, and one that would end the stack. */
  @ParameterizedTest
  @CsvSource({"(.*a){20}z, a, 40", "(a*)*\\1!, a, 40", "(?:a|b)*c, ab, 5000"})
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
  void expressionsThatTakeTooLongFail(String regex, String text, int times) {
    BoundedRegex bounded = new BoundedRegex(Pattern.compile(regex));
    assertThatThrownBy(() -> bounded.matches(text.repeat(times)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "simple to match", regex, "takes too long", text.length() * times + " characters");
    assertThatThrownBy(() -> bounded.findAll(text.repeat(times), (start, end) -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void othersFindWhatTheyFind() {
    BoundedRegex digits = new BoundedRegex(Pattern.compile("\\d+"));
    List<String> found = new ArrayList<>();
    digits.findAll("a12b3", (start, end) -> found.add(start + "-" + end));
    assertThat(found).containsExactly("1-3", "4-5");
    assertThat(digits.matches("123")).isTrue();
    assertThat(digits.matches("12a")).isFalse();
    found.clear();
    digits.findAll("1 ".repeat(100_000), (start, end) -> found.add(""));
    assertThat(found).hasSize(100_000);
  }
}
