package org.mobilefinetuner.text;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way in which a tokenizer cuts a text before its merges, as far as other programs have names
 * for it.
 */
public enum TokenizerFamily {
  /** Bytes, cut by GPT-2's expression. */
  GPT2,
  /** Bytes, cut by Qwen2's expression. */
  QWEN2,
  /** Bytes, cut by Llama 3's expression. */
  LLAMA3,
  /** Characters with ▁ for the space, not cut at all, bytes where a character has no piece. */
  SENTENCEPIECE;

  /** The family of a tokenizer, or null if it is of none. */
  static @Nullable TokenizerFamily of(
      @Nullable Normalizer normalizer, @Nullable PreTokenizer cutter, Bpe model) {
    if (cutter instanceof PreTokenizer.ByteLevel bytes) {
      return bytes.cutWords() && !bytes.addPrefixSpace() ? GPT2 : null;
    }
    if (cutter instanceof PreTokenizer.Sequence sequence
        && sequence.parts().size() == 2
        && sequence.parts().get(0) instanceof Splitter words
        && words.behavior() == Splitter.Behavior.ISOLATED
        && !words.invert()
        && words.pattern() instanceof WordPattern pattern
        && sequence.parts().get(1).equals(new PreTokenizer.ByteLevel(false, false))) {
      return valueOf(pattern.name());
    }
    return model.byteFallback() && spelledWithSigns(normalizer, cutter) ? SENTENCEPIECE : null;
  }

  /** Whether spaces become ▁ before the cut, so that there is nothing left to cut at. */
  private static boolean spelledWithSigns(
      @Nullable Normalizer normalizer, @Nullable PreTokenizer cutter) {
    if (cutter instanceof PreTokenizer.Metaspace signs) {
      return signs.replacement() == '\u2581' && !signs.cut();
    }
    boolean spaces =
        cutter == null
            || cutter instanceof Splitter words
                && words.pattern().equals(new TextPattern.Literal(" "));
    for (Normalizer each : parts(normalizer)) {
      if (each.equals(new Normalizer.Replace(new TextPattern.Literal(" "), "\u2581"))) {
        return spaces;
      }
    }
    return false;
  }

  /** Whether a ▁ is put before a text of the {@link #SENTENCEPIECE} family. */
  static boolean addsSpace(@Nullable Normalizer normalizer, @Nullable PreTokenizer cutter) {
    boolean prepended = parts(normalizer).stream().anyMatch(n -> n instanceof Normalizer.Prepend);
    return prepended
        || cutter instanceof PreTokenizer.Metaspace signs
            && signs.prefix() != PreTokenizer.Metaspace.Prefix.NEVER;
  }

  private static List<Normalizer> parts(@Nullable Normalizer normalizer) {
    List<Normalizer> parts = new ArrayList<>();
    if (normalizer instanceof Normalizer.Sequence sequence) {
      parts.addAll(sequence.parts());
    } else if (normalizer != null) {
      parts.add(normalizer);
    }
    return parts;
  }
}
