package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionsTest {
  @Test
  void distanceCountsEdits() {
    assertThat(Suggestions.distance("", "abc")).isEqualTo(3);
    assertThat(Suggestions.distance("abc", "abc")).isZero();
    assertThat(Suggestions.distance("rank", "rnak")).as("swapped").isEqualTo(1);
    assertThat(Suggestions.distance("rank", "ran")).as("left out").isEqualTo(1);
    assertThat(Suggestions.distance("rank", "trank")).as("added").isEqualTo(1);
    assertThat(Suggestions.distance("kitten", "sitting")).isEqualTo(3);
  }

  @Test
  void nearest() {
    List<String> names = List.of("--lora-rank", "--lora-alpha", "--seed");
    assertThat(Suggestions.nearest("--lora_rnk", names)).isEqualTo("; did you mean --lora-rank?");
    assertThat(Suggestions.nearest("--xyz", names)).isEmpty();
    assertThat(Suggestions.nearest("--xyz", List.of())).isEmpty();
  }
}
