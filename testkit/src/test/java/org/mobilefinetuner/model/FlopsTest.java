package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.testkit.TinyModels;

/** The arithmetic of GPT-2 with 124 million parameters at 8 x 128 tokens, counted by hand. */
final class FlopsTest {
  private static final long TOKENS = 1024;
  private static final double BLOCK = 768 * 2304 + 768 * 768 + 2 * 768 * 3072;
  private static final double HEAD = 768 * 50257;

  // q·kᵀ, p·v and their four gradients; a token sees 64.5 tokens on average
  private static final double ATTENTION = 12 * 6 * 2.0 * TOKENS * 64.5 * 768;

  private static Model gpt2() throws IOException {
    return Models.of(TinyModels.gpt2(50257, 1024, 768, 12, 12), Format.F32, 0);
  }

  @Test
  void frozenWeightsTakeTwoProductsAndAdaptersThree() throws IOException {
    Set<String> adapted =
        IntStream.range(0, 12)
            .mapToObj(layer -> "transformer.h." + layer + ".attn.c_attn")
            .collect(Collectors.toSet());
    double lora = 12 * 3 * 2.0 * TOKENS * 8 * (768 + 2304);
    double unneeded = 2.0 * TOKENS * 768 * 2304; // by the input of the first adapted weight
    assertThat(Flops.ofStep(gpt2(), 1, false, adapted, 8, TOKENS, 128))
        .isCloseTo(4.0 * TOKENS * (12 * BLOCK + HEAD) - unneeded + lora + ATTENTION, within(1.0));
  }

  @Test
  void trainedWeightsTakeThree() throws IOException {
    assertThat(Flops.ofStep(gpt2(), 0, true, Set.of(), 0, TOKENS, 128))
        .isCloseTo(6.0 * TOKENS * (12 * BLOCK + HEAD) + ATTENTION, within(1.0));
  }
}
