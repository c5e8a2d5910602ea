package org.mobilefinetuner.text;

/**
 * Byte-pair encoding: a word begins as its characters, and again and again the two neighbours whose
 * merge was learnt first become one piece, the leftmost of equals first.
 *
 * <p>Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units",
 * 2016. Neighbours are linked and their merges wait in a heap, so that a word of n characters costs
 * O(n log n): SentencePiece-type models make one word of a whole text.
 */
final class Bpe {
  private final Vocabulary vocabulary;
  private final MergeTable merges;
  private final Options options;
  private final int[] byteIds; // of <0x00> to <0xFF>, or -1; empty without byte fallback
  private final PieceCache cache = new PieceCache();

  /**
   * How characters that have no piece are handled, and whether a word that is a piece stays whole.
   *
   * @param unknown the piece for what has no piece, or empty: such characters are then dropped
   * @param fuseUnknown whether neighbours that have no piece become one unknown
   * @param byteFallback whether a character without a piece is spelled as {@code <0xNN>} bytes
   * @param ignoreMerges whether a word that is in the vocabulary is taken without any merge
   */
  record Options(String unknown, boolean fuseUnknown, boolean byteFallback, boolean ignoreMerges) {}

  Bpe(Vocabulary vocabulary, MergeTable merges, Options options) {
    this.vocabulary = vocabulary;
    this.merges = merges;
    this.options = options;
    byteIds = new int[options.byteFallback() ? 256 : 0];
    for (int b = 0; b < byteIds.length; b++) {
      byteIds[b] = vocabulary.id(ByteFallback.piece(b));
    }
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  MergeTable merges() {
    return merges;
  }

  boolean byteFallback() {
    return options.byteFallback();
  }

  /** The piece for what has no piece, or the empty text. */
  String unknown() {
    return options.unknown();
  }

  /** Appends the tokens of a word. */
  void encode(Span word, Tokens out) {
    if (options.ignoreMerges()) {
      int id = vocabulary.id(word.chars, word.from, word.to);
      if (id >= 0) {
        out.add(id, word.startAt(word.from), word.endAt(word.to - 1));
        return;
      }
    }
    if (out.tracked || word.length() > PieceCache.MAX_LENGTH) {
      encodeAnew(word, out);
      return;
    }
    int[] known = cache.get(word);
    if (known != null) {
      out.addAll(known);
      return;
    }
    int before = out.size();
    encodeAnew(word, out);
    cache.put(word, out.idsFrom(before));
  }

  private void encodeAnew(Span word, Tokens out) {
    // with byte fallback a character has up to 3 bytes for each of its UTF-16 units
    var symbols = new Symbols(word.length() * (options.byteFallback() ? 3 : 1), merges);
    spell(word, symbols);
    symbols.merge();
    symbols.appendTo(out, word);
  }

  /** Writes a word as the pieces of its single characters. */
  private void spell(Span word, Symbols symbols) {
    int unknownFrom = -1; // where a character without a piece, not yet written, begins
    int unknownTo = -1;
    for (int at = word.from, next; at < word.to; at = next) {
      next = at + word.widthAt(at);
      int id = vocabulary.id(word.chars, at, next);
      if (id >= 0) {
        if (unknownFrom >= 0) {
          symbols.add(unknownId(), unknownFrom, unknownTo);
          unknownFrom = -1;
        }
        symbols.add(id, at, next);
      } else if (options.byteFallback() && hasBytes(word.codePointAt(at))) {
        // a waiting unknown stays behind the bytes: odd, but what the reference does
        addBytes(word.codePointAt(at), at, next, symbols);
      } else if (!options.unknown().isEmpty()) {
        if (unknownFrom >= 0 && !options.fuseUnknown()) {
          symbols.add(unknownId(), unknownFrom, unknownTo);
          unknownFrom = -1;
        }
        unknownFrom = unknownFrom < 0 ? at : unknownFrom;
        unknownTo = next;
      }
    }
    if (unknownFrom >= 0) {
      symbols.add(unknownId(), unknownFrom, unknownTo);
    }
  }

  private int unknownId() {
    int id = vocabulary.id(options.unknown());
    if (id < 0) {
      throw new IllegalArgumentException(
          "the text has a character without a piece, and the tokenizer's unk_token \""
              + options.unknown()
              + "\" is not in its vocabulary; is the tokenizer file complete?");
    }
    return id;
  }

  private boolean hasBytes(int codePoint) {
    int length = Utf8.length(codePoint);
    for (int i = 0; i < length; i++) {
      if (byteIds[Utf8.octet(codePoint, length, i)] < 0) {
        return false;
      }
    }
    return true;
  }

  private void addBytes(int codePoint, int from, int to, Symbols symbols) {
    int length = Utf8.length(codePoint);
    for (int i = 0; i < length; i++) {
      symbols.add(byteIds[Utf8.octet(codePoint, length, i)], from, to);
    }
  }
}
