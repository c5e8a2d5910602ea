package org.mobilefinetuner.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The tokens added to a model's vocabulary, by id and by content. */
final class AddedTokens {
  private final Map<Integer, AddedToken> byId = new HashMap<>();
  private final Map<String, AddedToken> byContent = new HashMap<>();
  private final Map<Integer, String> spelled = new HashMap<>(); // where normalizing changes it
  private final Finder raw;
  private final Finder normalized;
  private int limit;

  AddedTokens(List<AddedToken> tokens, @Nullable Normalizer normalizer) {
    Map<String, AddedToken> plain = new HashMap<>();
    Map<String, AddedToken> rewritten = new HashMap<>();
    for (boolean special : new boolean[] {true, false}) { // of equals the special one counts
      for (AddedToken token : tokens) {
        if (token.special() != special || token.content().isEmpty()) {
          continue;
        }
        byId.put(token.id(), token);
        byContent.putIfAbsent(token.content(), token);
        limit = Math.max(limit, token.id() + 1);
        if (!token.normalized() || normalizer == null) {
          (token.normalized() ? rewritten : plain).putIfAbsent(token.content(), token);
        } else {
          String form = normalizer.apply(Span.of(token.content(), false)).toString();
          rewritten.putIfAbsent(form, token);
          spelled.put(token.id(), form);
        }
      }
    }
    raw = new Finder(plain);
    normalized = new Finder(rewritten);
  }

  /** The token of an id, or null. */
  @Nullable AddedToken byId(int id) {
    return byId.get(id);
  }

  /** A token as the decoder sees it: in the form in which it is found in a text. */
  String spelled(AddedToken token) {
    return spelled.getOrDefault(token.id(), token.content());
  }

  /** The token with this content, or null. */
  @Nullable AddedToken byContent(String content) {
    return byContent.get(content);
  }

  /** The highest id + 1, or 0. */
  int limit() {
    return limit;
  }

  /** Finds the tokens that are matched in the text as it was given. */
  Finder raw() {
    return raw;
  }

  /** Finds the tokens that are matched in the normalized text. */
  Finder normalized() {
    return normalized;
  }

  /**
   * Finds tokens in a text, the leftmost first and of those the longest.
   *
   * <p>The contents are sorted, so that those beginning with what has been read are neighbours: one
   * more character narrows the range by binary search.
   */
  static final class Finder {
    private final String[] contents;
    private final AddedToken[] tokens;
    private final BitSet firsts = new BitSet(); // the characters that a content begins with

    Finder(Map<String, AddedToken> byMatch) {
      List<Map.Entry<String, AddedToken>> entries = new ArrayList<>(byMatch.entrySet());
      entries.removeIf(entry -> entry.getKey().isEmpty());
      entries.sort(Comparator.comparing(Map.Entry::getKey)); // by UTF-16 units
      contents = new String[entries.size()];
      tokens = new AddedToken[entries.size()];
      for (int i = 0; i < contents.length; i++) {
        contents[i] = entries.get(i).getKey();
        tokens[i] = entries.get(i).getValue();
        firsts.set(contents[i].charAt(0));
      }
    }

    /**
     * Appends the tokens found in a text to {@code out}, and in between gives what holds none of
     * them to {@code rest}; that is never empty.
     */
    void split(Span text, Tokens out, Consumer<Span> rest) {
      int done = text.from;
      int at = text.from;
      while (at < text.to && contents.length > 0) {
        int found = firsts.get(text.chars[at]) ? longestAt(text, at) : -1;
        if (found < 0) {
          at++;
          continue;
        }
        int start = at;
        int end = at + contents[found].length();
        at = end;
        AddedToken token = tokens[found];
        if (token.singleWord() && !standsAlone(text, start, end)) {
          continue;
        }
        while (token.lstrip() && start > done && UnicodeClasses.isSpace(text.chars[start - 1])) {
          start--;
        }
        while (token.rstrip() && end < text.to && UnicodeClasses.isSpace(text.chars[end])) {
          end++;
        }
        if (done < start) {
          rest.accept(text.slice(done, start));
        }
        out.add(token.id(), text.startAt(start), text.endAt(end - 1));
        done = end;
      }
      if (done < text.to) {
        rest.accept(text.slice(done, text.to));
      }
    }

    private static boolean standsAlone(Span text, int start, int end) {
      boolean left =
          start == text.from
              || !UnicodeClasses.isWord(Character.codePointBefore(text.chars, start, text.from));
      return left && (end == text.to || !UnicodeClasses.isWord(text.codePointAt(end)));
    }

    /** The index of the longest content at a place, or -1. */
    private int longestAt(Span text, int at) {
      int longest = -1;
      int low = 0;
      int high = contents.length;
      for (int depth = 0; at + depth < text.to; depth++) {
        char c = text.chars[at + depth];
        low = firstNotBelow(low, high, depth, c);
        high = firstNotBelow(low, high, depth, c + 1);
        if (low == high) {
          break;
        }
        if (contents[low].length() == depth + 1) { // the shortest of its prefix comes first
          longest = low;
          if (++low == high) {
            break;
          }
        }
      }
      return longest;
    }

    /** The first content in [low, high) whose character at {@code depth} is {@code c} or more. */
    private int firstNotBelow(int low, int high, int depth, int c) {
      int from = low;
      int to = high;
      while (from < to) {
        int middle = (from + to) >>> 1;
        if (contents[middle].charAt(depth) < c) {
          from = middle + 1;
        } else {
          to = middle;
        }
      }
      return from;
    }

    @Override
    public String toString() {
      return Arrays.toString(contents);
    }
  }
}
