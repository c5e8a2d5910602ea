package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.io.JsonObject;

class WikiTextDetokenizerTest {
  @Test
  void equalsLmEval() throws IOException {
    List<JsonObject> pages = EvalFixture.lines("eval/pages.jsonl");
    assertThat(pages).hasSize(3);
    for (JsonObject page : pages) {
      PerplexityText text = LmEvalProtocol.page(page.string("page"));
      assertThat(text.content()).isEqualTo(page.string("text"));
      assertThat(text.words()).isEqualTo(page.integer("words"));
      assertThat(text.bytes()).isEqualTo(page.integer("bytes"));
    }
  }
}
