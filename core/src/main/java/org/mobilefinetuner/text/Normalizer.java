package org.mobilefinetuner.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;

/** Rewrites a text before it is cut into words. */
sealed interface Normalizer
    permits UnicodeForm, Normalizer.Sequence, Normalizer.Replace, Normalizer.Prepend {

  /** The rewritten text, which knows where it came from. */
  Span apply(Span text);

  /** The normalizer that a field of a tokenizer file describes. */
  static Normalizer of(JsonObject field) throws IOException {
    return switch (field.string("type")) {
      case "NFC" -> new UnicodeForm(java.text.Normalizer.Form.NFC);
      case "NFD" -> new UnicodeForm(java.text.Normalizer.Form.NFD);
      case "NFKC" -> new UnicodeForm(java.text.Normalizer.Form.NFKC);
      case "NFKD" -> new UnicodeForm(java.text.Normalizer.Form.NFKD);
      case "Replace" ->
          new Replace(TextPattern.of(field.object("pattern")), field.string("content"));
      case "Prepend" -> new Prepend(field.string("prepend"));
      case "Sequence" -> {
        List<Normalizer> parts = new ArrayList<>();
        for (JsonObject each : field.objects("normalizers")) {
          parts.add(of(each));
        }
        yield new Sequence(parts);
      }
      default ->
          throw field.wrong("type", "one of NFC, NFD, NFKC, NFKD, Replace, Prepend, Sequence");
    };
  }

  /** The normalizer of a field that may be absent or null. */
  static @Nullable Normalizer ofNullable(@Nullable JsonObject field) throws IOException {
    return field == null ? null : of(field);
  }

  /** One after the other. */
  record Sequence(List<Normalizer> parts) implements Normalizer {
    @Override
    public Span apply(Span text) {
      Span result = text;
      for (Normalizer each : parts) {
        result = each.apply(result);
      }
      return result;
    }
  }

  /** Puts {@code content} in the place of every match. */
  record Replace(TextPattern pattern, String content) implements Normalizer {
    @Override
    public Span apply(Span text) {
      var writer = new Span.Writer(text, text.length() + 16);
      int[] done = {text.from};
      pattern.findAll(
          text,
          (start, end) -> {
            writer.copy(done[0], start);
            writer.addAll(content, start, Math.max(end, start + 1));
            done[0] = end;
          });
      writer.copy(done[0], text.to);
      return writer.done();
    }
  }

  /** Puts {@code prefix} before a text that is not empty; it stands for the first character. */
  record Prepend(String prefix) implements Normalizer {
    @Override
    public Span apply(Span text) {
      if (text.length() == 0) {
        return text;
      }
      var writer = new Span.Writer(text, text.length() + prefix.length());
      writer.addAll(prefix, text.from, text.from + text.widthAt(text.from));
      writer.copy(text.from, text.to);
      return writer.done();
    }
  }
}
