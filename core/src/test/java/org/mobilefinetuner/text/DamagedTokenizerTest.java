package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizer files that would end the stack or make no sense. */
class DamagedTokenizerTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"(, ), 100000", "(?:a|, ), 3000", "[, ], 2000", "a, '', 1000000"})
  void regexThatWouldEndTheStack(String open, String close, int times) {
    String json =
        "{\"model\": {\"vocab\": {}}, \"pre_tokenizer\": {\"type\": \"Split\", \"behavior\":"
            + " \"Isolated\", \"pattern\": {\"Regex\": \""
            + open.repeat(times)
            + close.repeat(times)
            + "\"}}}";
    assertThatThrownBy(() -> GoldenCase.load(folder, json))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Regex that is not supported");
  }

  @Test
  void listsWhereThereMustBeAValue() {
    assertThatThrownBy(
            () -> GoldenCase.load(folder, "{\"model\": {\"vocab\": {}, \"fuse_unk\": [true]}}"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.fuse_unk is a list or an object");
  }
}
