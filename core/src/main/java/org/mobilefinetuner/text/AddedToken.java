package org.mobilefinetuner.text;

import java.io.IOException;
import org.mobilefinetuner.io.JsonObject;

/**
 * A token that is found in the text before the model sees it.
 *
 * @param singleWord whether it counts only where no word character touches it
 * @param lstrip whether it swallows the white space before it
 * @param rstrip whether it swallows the white space after it
 * @param normalized whether it is looked for in the normalized text, in its normalized form
 * @param special whether decoding can leave it out
 */
record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {

  /** A special token that is matched as it is. */
  static AddedToken special(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, true);
  }

  /** The token that an entry of a tokenizer file describes. */
  static AddedToken of(JsonObject entry, int id) throws IOException {
    boolean special = entry.bool("special", false);
    return new AddedToken(
        id,
        entry.string("content"),
        entry.bool("single_word", false),
        entry.bool("lstrip", false),
        entry.bool("rstrip", false),
        entry.bool("normalized", !special),
        special);
  }
}
