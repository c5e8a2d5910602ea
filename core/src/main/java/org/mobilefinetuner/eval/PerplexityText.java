package org.mobilefinetuner.eval;

/**
 * A text to be measured.
 *
 * @param content what is tokenised
 * @param words pieces between white space of the text as it was in the file
 * @param bytes of UTF-8 of the text as it was in the file
 */
public record PerplexityText(String content, long words, long bytes) {
  static PerplexityText of(String content, String original) {
    return new PerplexityText(content, PythonText.words(original), PythonText.bytes(original));
  }
}
