package org.mobilefinetuner.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.text.Tokenizer;

/** A tokenizer of GPT-2's kind with one token for each byte. */
final class ByteVocabulary {
  private ByteVocabulary() {}

  static Tokenizer tokenizer(Path folder) throws IOException {
    JsonObject vocabulary = JsonObject.empty();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xff && b != 0xad;
      vocabulary.put(Character.toString(printable ? b : next++), b);
    }
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "normalizer": null, "post_processor": null, "added_tokens": [],
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
         "decoder": {"type": "ByteLevel"},
         "model": {"type": "BPE", "vocab": %s, "merges": []}}
        """
            .formatted(vocabulary));
    return Tokenizer.load(folder);
  }
}
