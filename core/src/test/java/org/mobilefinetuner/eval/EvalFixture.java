package org.mobilefinetuner.eval;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.text.Tokenizer;

/** Files made by tools/golden/eval with lm-eval's own task files. */
final class EvalFixture {
  private EvalFixture() {}

  static Path file(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(EvalFixture.class.getResource("/" + name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<JsonObject> lines(String name) throws IOException {
    List<JsonObject> lines = new ArrayList<>();
    for (String line : Files.readString(file(name)).split("\n", -1)) {
      if (!line.isEmpty()) {
        lines.add(JsonObject.parse(name, line));
      }
    }
    return lines;
  }

  static Tokenizer tokenizer() throws IOException {
    return Tokenizer.load(file("text/gpt2"));
  }
}
