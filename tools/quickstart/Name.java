/**
 * How a person calls something and what the house calls it.
 *
 * @param article whether the name is used with "the"
 * @param text the name without its article, e.g. {@code nook}
 * @param value the house's name, e.g. {@code reading corner}
 */
record Name(boolean article, String text, String value) {

  static Name known(String text) {
    return new Name(true, text, text);
  }

  /** The name as it stands in a sentence, e.g. {@code the nook} or {@code bertha}. */
  String phrase() {
    return article ? "the " + text : text;
  }
}
