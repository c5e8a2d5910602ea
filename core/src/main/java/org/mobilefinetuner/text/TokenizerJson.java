package org.mobilefinetuner.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.JsonReader;

/**
 * Reads a tokenizer.json, the file of Hugging Face tokenizers, in one pass.
 *
 * <p>Its {@code truncation} and {@code padding} are not followed: they say how somebody once made
 * batches, not what the tokens are.
 */
final class TokenizerJson {
  private final Path file;
  private final Map<String, JsonObject> parts = new LinkedHashMap<>();
  private final List<JsonObject> added = new ArrayList<>();
  private @Nullable Bpe model;

  private TokenizerJson(Path file) {
    this.file = file;
  }

  /** The tokenizer that a file describes. */
  static Pipeline read(Path file) throws IOException {
    var reader = new TokenizerJson(file);
    return JsonReader.read(file, reader::readAll);
  }

  private Pipeline readAll(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new IOException(file + ": wanted a JSON object; is this a tokenizer.json?");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "normalizer", "pre_tokenizer", "post_processor", "decoder" -> {
          if (value != JsonToken.VALUE_NULL) {
            parts.put(name, JsonReader.object(file.toString(), name, parser));
          }
        }
        case "added_tokens" -> {
          while (value == JsonToken.START_ARRAY && parser.nextToken() != JsonToken.END_ARRAY) {
            String place = "added_tokens[" + added.size() + "]";
            added.add(JsonReader.object(file.toString(), place, parser));
          }
        }
        case "model" -> {
          if (value != JsonToken.START_OBJECT) {
            throw new IOException(file + ": model must be an object");
          }
          model = new ModelReader(file.toString(), Files.size(file)).readModel(parser);
        }
        default -> parser.skipChildren();
      }
    }
    return pipeline();
  }

  private Pipeline pipeline() throws IOException {
    Bpe bpe = model;
    if (bpe == null) {
      throw new IOException(file + ": no \"model\"; is this a tokenizer.json?");
    }
    JsonObject preTokenizer = parts.get("pre_tokenizer");
    JsonObject postProcessor = parts.get("post_processor");
    JsonObject decoder = parts.get("decoder");
    return new Pipeline(
        addedTokens(bpe.vocabulary()),
        Normalizer.ofNullable(parts.get("normalizer")),
        preTokenizer == null ? null : PreTokenizer.of(preTokenizer),
        bpe,
        postProcessor == null ? null : PostProcessor.of(postProcessor, bpe),
        decoder == null ? null : Decoder.of(decoder));
  }

  /**
   * The added tokens, with the ids that the file gives them.
   *
   * <p>The reference ignores those ids: a token that is a piece has the piece's id, others are
   * numbered on. A file where that makes a difference is refused, as nobody can tell which ids its
   * model was trained with.
   */
  private List<AddedToken> addedTokens(Vocabulary vocabulary) throws IOException {
    List<AddedToken> tokens = new ArrayList<>();
    int next = vocabulary.count();
    for (JsonObject entry : added) {
      String content = entry.string("content");
      if (content.isEmpty()) {
        continue;
      }
      int piece = vocabulary.id(content);
      int wanted = piece >= 0 ? piece : next;
      int id = entry.integer("id", -1);
      if (id != wanted) {
        throw entry.wrong(
            "gives \""
                + content
                + "\" the id "
                + id
                + ", wanted "
                + wanted
                + (piece >= 0 ? ", its id in the vocabulary" : ", the next one")
                + "; which one does the model use? Correct the file");
      }
      next = Math.max(next, id + 1);
      tokens.add(AddedToken.of(entry, id));
    }
    return tokens;
  }
}
