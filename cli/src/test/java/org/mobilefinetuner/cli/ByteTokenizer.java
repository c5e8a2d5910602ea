package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.io.JsonObject;

/** Writes a tokenizer of GPT-2's kind: 256 bytes, an end token, and a few merges. */
final class ByteTokenizer {
  static final int TOKENS = 260;

  private ByteTokenizer() {}

  static void write(Path folder) throws IOException {
    JsonObject vocabulary = JsonObject.empty();
    for (String symbol : symbols()) {
      vocabulary.put(symbol, vocabulary.keys().size());
    }
    for (String token : List.of("<|endoftext|>", "th", "the", "\u0120the")) {
      vocabulary.put(token, vocabulary.keys().size());
    }
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "normalizer": null, "post_processor": null,
         "added_tokens": [{"id": 256, "content": "<|endoftext|>", "single_word": false,
           "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
         "decoder": {"type": "ByteLevel"},
         "model": {"type": "BPE", "vocab": %s, "merges": ["t h", "th e", "\u0120 the"]}}
        """
            .formatted(vocabulary));
  }

  /** GPT-2's printable character for each byte. */
  private static List<String> symbols() {
    List<String> symbols = new ArrayList<>();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xff && b != 0xad;
      symbols.add(Character.toString(printable ? b : next++));
    }
    return symbols;
  }
}
