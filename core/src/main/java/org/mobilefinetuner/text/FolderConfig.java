package org.mobilefinetuner.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;

/**
 * What the small files of a model folder say about its tokenizer: tokenizer_config.json,
 * special_tokens_map.json, added_tokens.json and the model's config.json. Each may be absent.
 */
final class FolderConfig {
  private static final List<String> SPECIAL =
      Arrays.asList(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final Path folder;
  private final @Nullable JsonObject tokenizer;
  private final @Nullable JsonObject specials;
  private final @Nullable JsonObject added;
  private final @Nullable JsonObject model;

  FolderConfig(Path folder) throws IOException {
    this.folder = folder;
    tokenizer = read("tokenizer_config.json");
    specials = read("special_tokens_map.json");
    added = read("added_tokens.json");
    model = read("config.json");
  }

  private @Nullable JsonObject read(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? JsonObject.read(file) : null;
  }

  /** The tokenizer's class without "Fast", or the empty text where no file says it. */
  String tokenizerClass() throws IOException {
    String name = tokenizer == null ? null : tokenizer.stringOrNull("tokenizer_class");
    if (name == null) {
      return "";
    }
    return name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name;
  }

  /** The model's type, or the empty text where no file says it. */
  String modelType() throws IOException {
    String type = model == null ? null : model.stringOrNull("model_type");
    return type == null ? "" : type;
  }

  /** A flag of tokenizer_config.json that is false where absent. */
  boolean flag(String name) throws IOException {
    return tokenizer != null && tokenizer.bool(name, false);
  }

  /** The content of a token with a role, {@code eos_token} for one, or null. */
  @Nullable String token(String role) throws IOException {
    String content = tokenizer == null ? null : contentOf(tokenizer, role);
    return content == null && specials != null ? contentOf(specials, role) : content;
  }

  private static @Nullable String contentOf(JsonObject object, String role) throws IOException {
    return object.get(role) instanceof JsonObject token
        ? token.stringOrNull("content")
        : object.stringOrNull(role);
  }

  /** An id in the model's config, {@code eos_token_id} for one; of a list the first. */
  OptionalInt modelId(String name) {
    Object value = model == null ? null : model.get(name);
    if (value instanceof List<?> list && !list.isEmpty()) {
      value = list.get(0);
    }
    return value instanceof Long id && id >= 0 && id <= Vocabulary.MAX_ID
        ? OptionalInt.of(id.intValue())
        : OptionalInt.empty();
  }

  /**
   * The tokens added to a vocabulary that comes without a tokenizer.json.
   *
   * @param always special tokens of the tokenizer's class, as far as the vocabulary has them
   */
  List<AddedToken> addedTokens(Vocabulary vocabulary, List<String> always) throws IOException {
    List<AddedToken> tokens = new ArrayList<>();
    if (tokenizer != null && tokenizer.has("added_tokens_decoder")) {
      JsonObject described = tokenizer.object("added_tokens_decoder");
      for (String id : described.keys()) {
        tokens.add(AddedToken.of(described.object(id), parseId(id, described)));
      }
    }
    List<String> special = specialContents();
    special.addAll(always);
    if (added != null) {
      for (String content : added.keys()) {
        addUnlessKnown(tokens, content, added.integer(content, -1), special.contains(content));
      }
    }
    for (String content : special) {
      addUnlessKnown(tokens, content, vocabulary.id(content), true);
    }
    return tokens;
  }

  private static int parseId(String text, JsonObject place) throws IOException {
    int id = text.length() < 9 && text.matches("[0-9]+") ? Integer.parseInt(text) : -1;
    if (id < 0 || id > Vocabulary.MAX_ID) {
      throw place.wrong("has the id \"" + text + "\", wanted 0 to " + Vocabulary.MAX_ID);
    }
    return id;
  }

  private static void addUnlessKnown(
      List<AddedToken> tokens, String content, int id, boolean special) {
    for (AddedToken token : tokens) {
      if (token.content().equals(content)) {
        return;
      }
    }
    if (id >= 0 && id <= Vocabulary.MAX_ID) {
      tokens.add(new AddedToken(id, content, false, false, false, !special, special));
    }
  }

  private List<String> specialContents() throws IOException {
    List<String> contents = new ArrayList<>();
    for (String role : SPECIAL) {
      String content = token(role);
      if (content != null) {
        contents.add(content);
      }
    }
    for (JsonObject file : new @Nullable JsonObject[] {tokenizer, specials}) {
      if (file != null && file.get("additional_special_tokens") instanceof List<?> list) {
        for (Object each : list) {
          if (each instanceof String content) {
            contents.add(content);
          }
        }
      }
    }
    return contents;
  }
}
