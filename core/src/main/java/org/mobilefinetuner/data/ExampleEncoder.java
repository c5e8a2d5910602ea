package org.mobilefinetuner.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.text.AssistantTurns;
import org.mobilefinetuner.text.AssistantTurns.Boundary;
import org.mobilefinetuner.text.AssistantTurns.Turn;
import org.mobilefinetuner.text.ChatTemplate;
import org.mobilefinetuner.text.Encoding;
import org.mobilefinetuner.text.Tokenizer;

/**
 * Turns a record into tokens, and says which of them are predicted.
 *
 * <p>A conversation is rendered as the model's template says and tokenised as a whole, without
 * further special tokens, as the template prints them. A token is predicted if it begins inside
 * what the assistant says; one that begins before it and reaches into it belongs to the header.
 *
 * <p>A text, or a prompt with its completion, begins with the token that the model expects before
 * every text, {@code <bos>}, if it has one, and ends with its end token.
 */
final class ExampleEncoder {
  /** Finds the model's template, null if it has none. */
  @FunctionalInterface
  interface Templates {
    @Nullable ChatTemplate load() throws IOException;
  }

  private final @Nullable Tokenizer tokenizer;
  private final int vocabulary;
  private final Templates templates;
  private final boolean maskPrompt;
  private final Boundary boundary;
  private final OptionalInt begin;
  private @Nullable ChatTemplate template;
  private boolean templateLoaded;

  /**
   * @param tokenizer needed for all but {@code input_ids}
   * @param templates asked once, by the first conversation
   */
  ExampleEncoder(
      @Nullable Tokenizer tokenizer,
      int vocabulary,
      Templates templates,
      boolean maskPrompt,
      Boundary boundary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.templates = templates;
    this.maskPrompt = maskPrompt;
    this.boundary = boundary;
    this.begin = tokenizer == null ? OptionalInt.empty() : begin(tokenizer);
  }

  /**
   * A record of a known format as tokens, whole.
   *
   * @param id its number in the file
   */
  Sequence encode(long id, DataFormat format, JsonObject object) throws IOException {
    String place = object.source();
    return switch (format) {
      case INPUT_IDS -> given(id, object);
      case TEXT, PLAIN -> completion(place, id, "", object.string("text"));
      case CHAT -> conversation(place, id, ChatRecord.of(object));
      case SHAREGPT -> conversation(place, id, ShareGptRecord.of(object));
      case ALPACA -> {
        AlpacaRecord alpaca = AlpacaRecord.of(object);
        yield template() == null
            ? completion(place, id, alpaca.prompt(), alpaca.output())
            : conversation(place, id, alpaca.conversation());
      }
      case PROMPT_COMPLETION ->
          object.get("prompt") instanceof List<?>
              ? conversation(place, id, ChatRecord.ofCompletion(object))
              : completion(place, id, object.string("prompt"), object.string("completion"));
    };
  }

  private @Nullable ChatTemplate template() throws IOException {
    if (!templateLoaded) {
      template = templates.load();
      templateLoaded = true;
    }
    return template;
  }

  private Sequence given(long id, JsonObject object) throws FormatException {
    int[] ids = object.integers("input_ids");
    int[] labels = object.has("labels") ? object.integers("labels") : ids.clone();
    String place = object.source();
    checkIds(place, ids);
    if (ids.length == 0 || ids.length != labels.length) {
      throw new FormatException(
          place
              + ": expected at least one token and as many labels, found "
              + ids.length
              + " tokens and "
              + labels.length
              + " labels");
    }
    for (int label : labels) {
      if (label != LinearCrossEntropy.IGNORE && (label < 0 || label >= vocabulary)) {
        throw new FormatException(
            place + ": expected labels of -100 or below " + vocabulary + ", found " + label);
      }
    }
    return new Sequence(id, ids, labels);
  }

  private Sequence completion(String place, long id, String before, String text)
      throws FormatException {
    int[] rest = encode(place, text);
    int[] prompt = begun(before.isEmpty() ? new int[0] : encode(place, before), rest);
    OptionalInt end = required(place).eosId();
    int length = prompt.length + rest.length + (end.isPresent() ? 1 : 0);
    if (length == 0) {
      throw new FormatException(place + ": expected some text, found none; remove the record");
    }
    int[] ids = Arrays.copyOf(prompt, length);
    System.arraycopy(rest, 0, ids, prompt.length, rest.length);
    if (end.isPresent()) {
      ids[length - 1] = end.getAsInt();
    }
    int[] labels = ids.clone();
    if (maskPrompt) {
      Arrays.fill(labels, 0, prompt.length, LinearCrossEntropy.IGNORE);
    }
    return new Sequence(id, ids, labels);
  }

  /** The prompt behind the token that begins every text, if the model has one. */
  private int[] begun(int[] prompt, int... rest) {
    if (begin.isEmpty()) {
      return prompt;
    }
    int[] first = prompt.length > 0 ? prompt : rest;
    if (first.length > 0 && first[0] == begin.getAsInt()) {
      return prompt;
    }
    int[] begun = new int[prompt.length + 1];
    begun[0] = begin.getAsInt();
    System.arraycopy(prompt, 0, begun, 1, prompt.length);
    return begun;
  }

  private static OptionalInt begin(Tokenizer tokenizer) {
    int[] around = tokenizer.encode("", true);
    OptionalInt bos = tokenizer.bosId();
    boolean expected = bos.isPresent() && around.length > 0 && around[0] == bos.getAsInt();
    return expected ? bos : OptionalInt.empty();
  }

  private Sequence conversation(String place, long id, Conversation talk) throws IOException {
    ChatTemplate rendering = template();
    if (rendering == null) {
      throw new FormatException(
          place
              + ": expected a chat template for a conversation (chat_template.jinja, or in"
              + " tokenizer_config.json), found none in the model folder; use an instruction-tuned"
              + " model, or data with prompt and completion");
    }
    AssistantTurns said;
    try {
      said = AssistantTurns.of(rendering, talk.messages(), talk.tools(), boundary);
    } catch (FormatException e) {
      throw new FormatException(place + ": " + e.getMessage(), e);
    }
    Encoding tokens = required(place).encodeWithOffsets(said.text(), false);
    if (tokens.size() == 0) {
      throw new FormatException(
          place + ": expected the chat template to write something, found an empty text");
    }
    int[] ids = tokens.ids();
    checkIds(place, ids);
    return new Sequence(id, ids, labels(tokens, said.turns(), talk));
  }

  private int[] labels(Encoding tokens, List<Turn> turns, Conversation talk) {
    int[] labels = tokens.ids();
    int next = 0;
    for (int t = 0; t < labels.length; t++) {
      int start = tokens.start(t);
      while (next < turns.size() && turns.get(next).end() <= start) {
        next++;
      }
      boolean inside = next < turns.size() && turns.get(next).start() <= start;
      boolean untaught = inside && talk.untaught().contains(turns.get(next).message());
      if (untaught || maskPrompt && !inside) {
        labels[t] = LinearCrossEntropy.IGNORE;
      }
    }
    return labels;
  }

  /** The tokens of a text. */
  int[] encode(String place, String text) throws FormatException {
    int[] ids = required(place).encode(text);
    checkIds(place, ids);
    return ids;
  }

  private Tokenizer required(String place) throws FormatException {
    if (tokenizer == null) {
      throw new FormatException(
          place
              + ": text needs a tokenizer; expected tokenizer.json, or vocab.json and merges.txt, "
              + "in the model folder, found none");
    }
    return tokenizer;
  }

  private void checkIds(String place, int[] ids) throws FormatException {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new FormatException(
            place
                + ": expected token ids below the embedding's "
                + vocabulary
                + " rows, found "
                + id
                + "; does the tokenizer belong to this model?");
      }
    }
  }
}
