package org.mobilefinetuner.data;

import java.util.Locale;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/** What the records of a data file look like. */
public enum DataFormat {
  /** {@code messages}, each with {@code role} and {@code content}; {@code tools} if there are. */
  CHAT,
  /** {@code prompt} and {@code completion}, both texts or both lists of messages. */
  PROMPT_COMPLETION,
  /** {@code text}. */
  TEXT,
  /** {@code instruction}, {@code output}, and if there are {@code input, system, history}. */
  ALPACA,
  /** {@code conversations}, each with {@code from} and {@code value}. */
  SHAREGPT,
  /** {@code input_ids}, and {@code labels} with -100 where nothing is predicted. */
  INPUT_IDS,
  /** No records: the whole file is one text. */
  PLAIN;

  private static final String KNOWN =
      "expected the keys of a chat (messages), prompt and completion, alpaca (instruction and"
          + " output), sharegpt (conversations), text, or input_ids";

  /** The format of a record, by its keys. */
  static DataFormat of(JsonObject object) throws FormatException {
    requireNoPreferences(object);
    if (object.has("input_ids")) {
      return INPUT_IDS;
    } else if (object.has("messages")) {
      return CHAT;
    } else if (object.has("conversations")) {
      return SHAREGPT;
    } else if (object.has("prompt") && object.has("completion")) {
      return PROMPT_COMPLETION;
    } else if (object.has("instruction") && object.has("output")) {
      return ALPACA;
    } else if (object.has("text")) {
      return TEXT;
    }
    throw new FormatException(
        object.source() + ": " + KNOWN + ", found " + object.keys() + "; rename the keys");
  }

  private static void requireNoPreferences(JsonObject object) throws FormatException {
    boolean pairs = object.has("chosen") && object.has("rejected");
    boolean rated = object.has("prompt") && object.has("completion") && object.has("label");
    if (pairs || rated) {
      throw new FormatException(
          object.source()
              + ": "
              + KNOWN
              + ", found preferences "
              + object.keys()
              + ", which no method here learns from; keep the preferred answers as completion");
    }
  }

  /** What it is called. */
  @Override
  public String toString() {
    return this == INPUT_IDS
        ? "input_ids"
        : this == PROMPT_COMPLETION ? "prompt/completion" : name().toLowerCase(Locale.ROOT);
  }
}
