package org.mobilefinetuner.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.mobilefinetuner.io.JsonObject;

/** Cuts a text into the words that the model sees one at a time. */
sealed interface PreTokenizer
    permits Splitter, PreTokenizer.ByteLevel, PreTokenizer.Metaspace, PreTokenizer.Sequence {

  /** Gives the words of {@code text} to {@code out}, in order; none is empty. */
  void split(Span text, Consumer<Span> out);

  /** The pre-tokenizer that a field of a tokenizer file describes. */
  static PreTokenizer of(JsonObject field) throws IOException {
    return switch (field.string("type")) {
      case "ByteLevel" ->
          new ByteLevel(field.bool("add_prefix_space", true), field.bool("use_regex", true));
      case "Split" ->
          new Splitter(
              TextPattern.of(field.object("pattern")),
              Splitter.Behavior.of(field),
              field.bool("invert", false));
      case "Digits" -> Splitter.digits(field);
      case "Metaspace" ->
          new Metaspace(
              field.character("replacement", '\u2581'),
              Metaspace.Prefix.of(field),
              field.bool("split", true));
      case "Sequence" -> {
        List<PreTokenizer> parts = new ArrayList<>();
        for (JsonObject each : field.objects("pretokenizers")) {
          parts.add(of(each));
        }
        yield new Sequence(parts);
      }
      default -> throw field.wrong("type", "one of ByteLevel, Split, Digits, Metaspace, Sequence");
    };
  }

  /** Each part cuts the words of the part before it. */
  record Sequence(List<PreTokenizer> parts) implements PreTokenizer {
    @Override
    public void split(Span text, Consumer<Span> out) {
      Consumer<Span> chain = out;
      for (int i = parts.size() - 1; i >= 0; i--) {
        PreTokenizer part = parts.get(i);
        Consumer<Span> next = chain;
        chain = span -> part.split(span, next);
      }
      chain.accept(text);
    }
  }

  /**
   * Writes the bytes of a text in the {@link ByteLevelAlphabet}, after cutting it into GPT-2's
   * words.
   */
  record ByteLevel(boolean addPrefixSpace, boolean cutWords) implements PreTokenizer {
    @Override
    public void split(Span text, Consumer<Span> out) {
      Span whole = text;
      if (addPrefixSpace && text.length() > 0 && text.chars[text.from] != ' ') {
        whole = new Normalizer.Prepend(" ").apply(text);
      }
      if (!cutWords) {
        out.accept(spell(whole));
        return;
      }
      for (int at = whole.from, end; at < whole.to; at = end) {
        end = WordPattern.GPT2.end(whole, at);
        out.accept(spell(whole.slice(at, end)));
      }
    }

    private static Span spell(Span word) {
      var writer = new Span.Writer(word, word.length() + 8);
      for (int at = word.from, next; at < word.to; at = next) {
        next = at + word.widthAt(at);
        int codePoint = word.codePointAt(at);
        int length = Utf8.length(codePoint);
        for (int i = 0; i < length; i++) {
          writer.add(ByteLevelAlphabet.charOf(Utf8.octet(codePoint, length, i)), at, next);
        }
      }
      return writer.done();
    }
  }

  /** Writes spaces as another character, and cuts before it. */
  record Metaspace(char replacement, Prefix prefix, boolean cut) implements PreTokenizer {
    /** Where the replacement is put before a text that does not begin with it. */
    enum Prefix {
      /** Before the user's text. */
      FIRST,
      NEVER,
      /** Before every stretch between added tokens. */
      ALWAYS;

      static Prefix of(JsonObject field) throws IOException {
        String scheme = field.stringOrNull("prepend_scheme");
        if (scheme == null) {
          return field.bool("add_prefix_space", true) ? ALWAYS : NEVER;
        }
        for (Prefix each : values()) {
          if (each.name().equals(scheme.toUpperCase(Locale.ROOT))) {
            return each;
          }
        }
        throw field.wrong("has an unknown prepend_scheme \"" + scheme + "\"");
      }
    }

    @Override
    public void split(Span text, Consumer<Span> out) {
      String sign = String.valueOf(replacement);
      Span spelled = new Normalizer.Replace(new TextPattern.Literal(" "), sign).apply(text);
      boolean wanted = prefix == Prefix.ALWAYS || (prefix == Prefix.FIRST && text.first);
      if (wanted && spelled.length() > 0 && spelled.chars[spelled.from] != replacement) {
        spelled = new Normalizer.Prepend(sign).apply(spelled);
      }
      if (cut) {
        var atSign = new TextPattern.Literal(sign);
        new Splitter(atSign, Splitter.Behavior.MERGED_WITH_NEXT, false).split(spelled, out);
      } else {
        out.accept(spelled);
      }
    }
  }
}
