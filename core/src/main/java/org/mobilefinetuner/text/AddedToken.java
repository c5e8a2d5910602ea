package org.mobilefinetuner.text;

import java.io.IOException;

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
    boolean special = entry.flag("special", false);
    return new AddedToken(
        id,
        entry.text("content"),
        entry.flag("single_word", false),
        entry.flag("lstrip", false),
        entry.flag("rstrip", false),
        entry.flag("normalized", !special),
        special);
  }
}
