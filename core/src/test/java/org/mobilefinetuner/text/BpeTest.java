package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpeTest {
  private final Vocabulary vocabulary = new Vocabulary();
  private final MergeTable merges = new MergeTable();
  private final Map<String, Integer> ranks = new LinkedHashMap<>();

  @Test
  void equalsTheDefinition() {
    Random random = new Random(7);
    Bpe bpe = randomModel(random, 60);
    for (int i = 0; i < 2000; i++) {
      String word = randomWord(random, 1 + random.nextInt(i % 10 == 0 ? 200 : 12));
      assertThat(pieces(bpe, word)).as(word).isEqualTo(slowly(word));
      assertThat(pieces(bpe, word)).as("%s again", word).isEqualTo(slowly(word));
    }
  }

  @Test
  void aMegabyteWithoutAnyCutIsQuick() {
    Random random = new Random(8);
    Bpe bpe = randomModel(random, 200);
    for (String text : List.of("a".repeat(1 << 20), randomWord(random, 1 << 20))) {
      // a quadratic algorithm would need hours
      Tokens tokens =
          assertTimeoutPreemptively(
              Duration.ofSeconds(60),
              () -> {
                Tokens out = new Tokens(true);
                bpe.encode(Span.of(text, true), out);
                return out;
              });
      int at = 0;
      for (int i = 0; i < tokens.size(); i++) {
        assertThat(tokens.start(i)).isEqualTo(at);
        at = tokens.end(i);
        assertThat(text.substring(tokens.start(i), at)).isEqualTo(vocabulary.piece(tokens.id(i)));
      }
      assertThat(at).isEqualTo(text.length());
    }
  }

  /** A model over the letters a to e, with merges of what exists. */
  private Bpe randomModel(Random random, int count) {
    List<String> pieces = new ArrayList<>(List.of("a", "b", "c", "d", "e"));
    pieces.forEach(this::addPiece);
    while (ranks.size() < count) {
      String left = pieces.get(random.nextInt(pieces.size()));
      String right = pieces.get(random.nextInt(pieces.size()));
      if (left.length() + right.length() > 12
          || ranks.putIfAbsent(left + " " + right, ranks.size()) != null) {
        continue;
      }
      if (vocabulary.id(left + right) < 0) {
        addPiece(left + right);
        pieces.add(left + right);
      }
      merges.add(
          vocabulary.id(left), vocabulary.id(right), ranks.size() - 1, vocabulary.id(left + right));
    }
    return new Bpe(vocabulary, merges, new Bpe.Options("", false, false, false));
  }

  private void addPiece(String piece) {
    vocabulary.add(piece.toCharArray(), 0, piece.length(), vocabulary.limit());
  }

  private static String randomWord(Random random, int length) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(5)));
    }
    return word.toString();
  }

  private List<String> pieces(Bpe bpe, String word) {
    Tokens tokens = new Tokens(false);
    bpe.encode(Span.of(word, false), tokens);
    List<String> pieces = new ArrayList<>();
    for (int id : tokens.ids()) {
      pieces.add(vocabulary.piece(id));
    }
    return pieces;
  }

  /** Byte-pair encoding as it is defined: the earliest merge, the leftmost place, again. */
  private List<String> slowly(String word) {
    List<String> pieces = new ArrayList<>(List.of(word.split("")));
    while (true) {
      int best = -1;
      int bestRank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < pieces.size(); i++) {
        Integer rank = ranks.get(pieces.get(i) + " " + pieces.get(i + 1));
        if (rank != null && rank < bestRank) {
          best = i;
          bestRank = rank;
        }
      }
      if (best < 0) {
        return pieces;
      }
      pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
    }
  }
}
