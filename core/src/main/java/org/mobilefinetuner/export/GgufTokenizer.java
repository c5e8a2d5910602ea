package org.mobilefinetuner.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.GgufMetadata;
import org.mobilefinetuner.text.Tokenizer;
import org.mobilefinetuner.text.TokenizerFamily;

/**
 * A tokenizer under the keys that llama.cpp reads, as its converter writes them.
 *
 * <p>Rows of the embedding that stand for nothing get names of their own. Models of SentencePiece's
 * kind come without the scores of their pieces; a piece that is merged earlier scores higher, which
 * is what the merges were made from.
 */
final class GgufTokenizer {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;
  private static final int BYTE = 6;

  private static final String KEY = "tokenizer.ggml.";

  private final Tokenizer tokenizer;
  private final TokenizerFamily family;
  private final int rows;

  private GgufTokenizer(Tokenizer tokenizer, TokenizerFamily family, int rows) {
    this.tokenizer = tokenizer;
    this.family = family;
    this.rows = rows;
  }

  /**
   * @param from where the tokenizer was found
   * @param rows of the embedding
   * @throws FormatException if llama.cpp has no name for the way it cuts texts
   */
  static GgufTokenizer of(Path from, Tokenizer tokenizer, int rows) throws FormatException {
    @Nullable TokenizerFamily family = tokenizer.family();
    if (family == null) {
      throw new FormatException(
          from
              + ": expected a tokenizer that cuts texts as GPT-2, Qwen2, Llama 3 or SentencePiece"
              + " do, found another; llama.cpp may have a name for it: export as hf and convert"
              + " with llama.cpp");
    }
    return new GgufTokenizer(tokenizer, family, rows);
  }

  /**
   * @param eos the tokens that end a text, as the model says, or none
   */
  void addTo(GgufMetadata metadata, int[] eos) {
    boolean pieces = family == TokenizerFamily.SENTENCEPIECE;
    metadata.string(KEY + "model", pieces ? "llama" : "gpt2").string(KEY + "pre", pre());
    List<String> tokens = new ArrayList<>();
    int[] types = new int[rows];
    for (int id = 0; id < rows; id++) {
      types[id] = type(id);
      tokens.add(spelled(id, types[id]));
    }
    metadata.strings(KEY + "tokens", tokens);
    if (pieces) {
      metadata.numbers(KEY + "scores", scores());
    }
    metadata.integers(KEY + "token_type", types);
    if (!pieces) {
      metadata.strings(KEY + "merges", merges());
    }
    addSpecial(metadata, eos);
    if (pieces) {
      metadata.bool(KEY + "add_space_prefix", tokenizer.addsSpace());
    }
  }

  private String pre() {
    return switch (family) {
      case GPT2 -> "gpt-2";
      case QWEN2 -> "qwen2";
      case LLAMA3 -> "llama-bpe";
      case SENTENCEPIECE -> "default";
    };
  }

  private int type(int id) {
    if (!tokenizer.has(id)) {
      return UNUSED;
    }
    if (family == TokenizerFamily.SENTENCEPIECE) {
      if (tokenizer.unknownId().equals(OptionalInt.of(id))) {
        return UNKNOWN;
      }
      if (tokenizer.piece(id).matches("<0x[0-9A-F]{2}>")) {
        return BYTE;
      }
    }
    if (!tokenizer.isAdded(id)) {
      return NORMAL;
    }
    return tokenizer.isSpecial(id) ? CONTROL : USER_DEFINED;
  }

  private String spelled(int id, int type) {
    if (type == UNUSED) {
      return "[PAD" + id + "]";
    }
    String piece = tokenizer.piece(id);
    // llama.cpp looks for these in the text as it is, before spaces become signs
    return type == USER_DEFINED && family == TokenizerFamily.SENTENCEPIECE
        ? piece.replace('\u2581', ' ')
        : piece;
  }

  private float[] scores() {
    float[] scores = new float[rows];
    int[] merges = tokenizer.merges();
    for (int i = merges.length / 3 - 1; i >= 0; i--) {
      scores[merges[3 * i + 2]] = -i; // the first way to make a piece is written last
    }
    return scores;
  }

  private List<String> merges() {
    int[] merges = tokenizer.merges();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < merges.length; i += 3) {
      lines.add(tokenizer.piece(merges[i]) + " " + tokenizer.piece(merges[i + 1]));
    }
    return lines;
  }

  private void addSpecial(GgufMetadata metadata, int[] eos) {
    OptionalInt end = tokenizer.eosId();
    if (end.isEmpty() && eos.length > 0) {
      end = OptionalInt.of(eos[0]);
    }
    tokenizer.bosId().ifPresent(id -> metadata.integer(KEY + "bos_token_id", id));
    end.ifPresent(id -> metadata.integer(KEY + "eos_token_id", id));
    for (int id : eos) {
      if (id != end.getAsInt()) {
        metadata.integer(KEY + "eot_token_id", id); // the end of a turn: stops as well
        break;
      }
    }
    tokenizer.unknownId().ifPresent(id -> metadata.integer(KEY + "unknown_token_id", id));
    tokenizer.padId().ifPresent(id -> metadata.integer(KEY + "padding_token_id", id));
    int[] plain = tokenizer.encode("a", false);
    int[] around = tokenizer.encode("a", true);
    int more = around.length - plain.length;
    metadata.bool(KEY + "add_bos_token", more > 0 && around[0] != plain[0]);
    metadata.bool(
        KEY + "add_eos_token", more > 0 && around[around.length - 1] != plain[plain.length - 1]);
  }
}
