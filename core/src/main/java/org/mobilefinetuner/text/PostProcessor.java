package org.mobilefinetuner.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.io.JsonObject;

/** What happens to the tokens of a text last: special tokens around them, offsets trimmed. */
sealed interface PostProcessor
    permits PostProcessor.Template, PostProcessor.TrimOffsets, PostProcessor.Sequence {

  /** The tokens after it. */
  Tokens apply(Tokens tokens, boolean addSpecialTokens);

  /** The post-processor that a field of a tokenizer file describes. */
  static PostProcessor of(JsonObject field, Bpe model) throws IOException {
    return switch (field.string("type")) {
      case "ByteLevel" ->
          field.bool("trim_offsets", true)
              ? new TrimOffsets(model.vocabulary(), field.bool("add_prefix_space", true))
              : new Sequence(List.of());
      case "TemplateProcessing" -> template(field);
      case "Sequence" -> {
        List<PostProcessor> parts = new ArrayList<>();
        for (JsonObject each : field.objects("processors")) {
          parts.add(of(each, model));
        }
        yield new Sequence(parts);
      }
      default -> throw field.wrong("type", "one of ByteLevel, TemplateProcessing, Sequence");
    };
  }

  private static Template template(JsonObject field) throws IOException {
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    boolean textSeen = false;
    for (JsonObject each : field.objects("single")) {
      if (each.has("Sequence")) {
        if (textSeen) {
          throw each.wrong("is a second Sequence in \"single\", which is not supported");
        }
        textSeen = true;
        continue;
      }
      String name = each.object("SpecialToken").string("id");
      for (Object id : field.object("special_tokens").object(name).list("ids")) {
        if (!(id instanceof Long number) || number < 0 || number > Vocabulary.MAX_ID) {
          throw field.wrong("needs token ids in the \"ids\" of \"" + name + "\", found " + id);
        }
        (textSeen ? after : before).add(number.intValue());
      }
    }
    if (!textSeen) {
      throw field.wrong("needs a Sequence in \"single\", else the text is lost");
    }
    return new Template(toArray(before), toArray(after));
  }

  private static int[] toArray(List<Integer> list) {
    int[] array = new int[list.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = list.get(i);
    }
    return array;
  }

  /** One after the other. */
  record Sequence(List<PostProcessor> parts) implements PostProcessor {
    @Override
    public Tokens apply(Tokens tokens, boolean addSpecialTokens) {
      Tokens result = tokens;
      for (PostProcessor each : parts) {
        result = each.apply(result, addSpecialTokens);
      }
      return result;
    }
  }

  /** Special tokens before and after the text. */
  final class Template implements PostProcessor {
    private final int[] before;
    private final int[] after;

    Template(int[] before, int[] after) {
      this.before = before.clone();
      this.after = after.clone();
    }

    @Override
    public Tokens apply(Tokens tokens, boolean addSpecialTokens) {
      if (!addSpecialTokens) {
        return tokens;
      }
      var all = new Tokens(tokens.tracked);
      all.addAll(before);
      all.addAll(tokens);
      all.addAll(after);
      return all;
    }
  }

  /** Takes white space out of the offsets of byte-level tokens. */
  record TrimOffsets(Vocabulary vocabulary, boolean addPrefixSpace) implements PostProcessor {
    private static final char SPACE = ByteLevelAlphabet.charOf(' ');

    @Override
    public Tokens apply(Tokens tokens, boolean addSpecialTokens) {
      for (int i = 0; tokens.tracked && i < tokens.size(); i++) {
        if (vocabulary.has(tokens.id(i))) {
          trim(tokens, i, vocabulary.piece(tokens.id(i)));
        }
      }
      return tokens;
    }

    private void trim(Tokens tokens, int index, String piece) {
      int leading = 0;
      while (leading < piece.length() && isBlank(piece.charAt(leading))) {
        leading++;
      }
      int trailing = 0;
      while (trailing < piece.length() && isBlank(piece.charAt(piece.length() - 1 - trailing))) {
        trailing++;
      }
      int start = tokens.start(index);
      int end = tokens.end(index);
      boolean first = index == 0 || start == 0;
      if (first && addPrefixSpace && leading == 1) {
        leading = 0; // it was added, the text does not have it
      }
      start = Math.min(start + leading, end);
      end = end >= trailing ? Math.max(end - trailing, start) : end;
      tokens.setOffsets(index, start, end);
    }

    private static boolean isBlank(char c) {
      return c == SPACE || UnicodeClasses.isSpace(c);
    }
  }
}
