package org.mobilefinetuner.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Turns text into the token ids of a model, and ids back into text.
 *
 * <p>It follows the tokenizer files of the model exactly: the ids are those of Hugging Face
 * tokenizers, for all of Unicode. A construct that it does not know is an error when the files are
 * read, never other ids.
 *
 * <p>A text passes added tokens, normalizer, pre-tokenizer, model and post-processor, each a small
 * type of this package. Immutable, and safe for use by several threads.
 */
public final class Tokenizer {
  private final AddedTokens added;
  private final @Nullable Normalizer normalizer;
  private final @Nullable PreTokenizer preTokenizer;
  private final Bpe model;
  private final @Nullable PostProcessor postProcessor;
  private final Decoder decoder;
  private final OptionalInt bosId;
  private final OptionalInt eosId;
  private final OptionalInt padId;

  private Tokenizer(Pipeline parts, FolderConfig config) throws IOException {
    added = new AddedTokens(parts.addedTokens(), parts.normalizer());
    normalizer = parts.normalizer();
    preTokenizer = parts.preTokenizer();
    model = parts.model();
    postProcessor = parts.postProcessor();
    Decoder given = parts.decoder();
    decoder = given == null ? new Decoder.Spaced() : given;
    bosId = role(config, "bos_token");
    eosId = role(config, "eos_token");
    padId = role(config, "pad_token");
  }

  /**
   * The tokenizer of a model folder: its tokenizer.json, or else its vocab.json and merges.txt.
   *
   * @throws IOException if there is none, it is damaged, or it uses what is not supported here
   */
  public static Tokenizer load(Path modelFolder) throws IOException {
    Path json = modelFolder.resolve("tokenizer.json");
    boolean hasJson = Files.isRegularFile(json);
    if (!hasJson && !VocabularyFiles.existIn(modelFolder)) {
      throw new IOException(
          modelFolder
              + ": wanted tokenizer.json, or vocab.json and merges.txt; found neither"
              + (Files.isDirectory(modelFolder)
                  ? "; copy them from the model's page"
                  : ", it is not a folder"));
    }
    var config = new FolderConfig(modelFolder);
    return new Tokenizer(
        hasJson ? TokenizerJson.read(json) : VocabularyFiles.read(modelFolder, config), config);
  }

  private OptionalInt role(FolderConfig config, String role) throws IOException {
    String content = config.token(role);
    OptionalInt id = content == null ? OptionalInt.empty() : id(content);
    return id.isPresent() ? id : config.modelId(role + "_id");
  }

  /** The ids of a text, without special tokens around it. */
  public int[] encode(String text) {
    return encode(text, false);
  }

  /**
   * The ids of a text.
   *
   * @param addSpecialTokens whether to add those that the model expects around a text, a {@code
   *     <bos>} for one. Special tokens in the text itself are always recognised.
   * @throws IllegalArgumentException if the text has what the model has no tokens for, or a regular
   *     expression of the tokenizer's file takes too long on it
   */
  public int[] encode(String text, boolean addSpecialTokens) {
    return tokens(text, addSpecialTokens, false).ids();
  }

  /** The ids of a text and where in it each came from. Slower than {@link #encode}. */
  public Encoding encodeWithOffsets(String text, boolean addSpecialTokens) {
    Tokens tokens = tokens(text, addSpecialTokens, true);
    return new Encoding(tokens.ids(), tokens.starts(), tokens.ends());
  }

  private Tokens tokens(String text, boolean addSpecialTokens, boolean tracked) {
    var tokens = new Tokens(tracked);
    added.raw().split(Span.of(text, tracked), tokens, part -> normalizeAndEncode(part, tokens));
    return postProcessor == null ? tokens : postProcessor.apply(tokens, addSpecialTokens);
  }

  private void normalizeAndEncode(Span part, Tokens out) {
    Span normalized = normalizer == null ? part : normalizer.apply(part);
    added.normalized().split(normalized, out, rest -> encodeWords(rest, out));
  }

  private void encodeWords(Span rest, Tokens out) {
    if (preTokenizer == null) {
      model.encode(rest, out);
    } else {
      preTokenizer.split(rest, word -> model.encode(word, out));
    }
  }

  /** The text of ids, special tokens included. */
  public String decode(int[] ids) {
    return decode(ids, false);
  }

  /**
   * The text of ids. Ids that stand for nothing are passed over; bytes that are not UTF-8 become
   * U+FFFD.
   *
   * @param skipSpecial whether special tokens are left out
   */
  public String decode(int[] ids, boolean skipSpecial) {
    var text = new StringBuilder();
    Decoder.Stage stage = decoder.begin(false);
    for (int id : ids) {
      String piece = decodable(id, skipSpecial);
      if (piece != null) {
        stage.push(piece, text::append);
      }
    }
    stage.end(text::append);
    return text.toString();
  }

  /** Begins to decode ids that come one at a time. */
  public StreamingDecoder streamingDecoder(boolean skipSpecial) {
    return new StreamingDecoder(this, decoder.begin(true), skipSpecial);
  }

  /** What the decoder gets for an id; null if it has no piece, or is special and to be skipped. */
  @Nullable String decodable(int id, boolean skipSpecial) {
    AddedToken token = added.byId(id);
    if (token != null) {
      return skipSpecial && token.special() ? null : added.spelled(token);
    }
    return model.vocabulary().has(id) ? model.vocabulary().piece(id) : null;
  }

  /** The highest id + 1. The model may have more rows. */
  public int vocabularySize() {
    return Math.max(model.vocabulary().limit(), added.limit());
  }

  /** Whether an id stands for anything. */
  public boolean has(int id) {
    return added.byId(id) != null || model.vocabulary().has(id);
  }

  /**
   * The piece of an id, as the tokenizer file spells it.
   *
   * @throws IllegalArgumentException if the id has none
   */
  public String piece(int id) {
    AddedToken token = added.byId(id);
    if (token != null) {
      return token.content();
    }
    if (!model.vocabulary().has(id)) {
      throw new IllegalArgumentException(
          "no piece has the id " + id + "; the tokenizer's ids are below " + vocabularySize());
    }
    return model.vocabulary().piece(id);
  }

  /** The id of a piece, as the tokenizer file spells it. */
  public OptionalInt id(String piece) {
    AddedToken token = added.byContent(piece);
    int id = token != null ? token.id() : model.vocabulary().id(piece);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Whether an id is a special token, which decoding can leave out. */
  public boolean isSpecial(int id) {
    AddedToken token = added.byId(id);
    return token != null && token.special();
  }

  /** Whether an id is found in the text before the merges, special or not. */
  public boolean isAdded(int id) {
    return added.byId(id) != null;
  }

  /** How texts are cut, or null if that has no name. */
  public @Nullable TokenizerFamily family() {
    return TokenizerFamily.of(normalizer, preTokenizer, model);
  }

  /** Whether a text of the SentencePiece family gets a space in front. */
  public boolean addsSpace() {
    return TokenizerFamily.addsSpace(normalizer, preTokenizer);
  }

  /** The ids of all merges, three for each: left, right, merged; what is merged first is first. */
  public int[] merges() {
    return model.merges().inOrder();
  }

  /** The token for what has no piece, where the model has one. */
  public OptionalInt unknownId() {
    return model.unknown().isEmpty() ? OptionalInt.empty() : id(model.unknown());
  }

  /** The token that begins a text, where the model has one. */
  public OptionalInt bosId() {
    return bosId;
  }

  /** The token that ends a text, where the model has one. It may have others besides. */
  public OptionalInt eosId() {
    return eosId;
  }

  /** The token that fills up a batch, where the model has one. */
  public OptionalInt padId() {
    return padId;
  }
}
