package org.mobilefinetuner.model;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.tensor.Format;

/** The architectures by {@code model_type}. */
public final class Models {
  private static final String TEXT_ONLY =
      " (save the language part of a model for images alone: in Python,"
          + " Gemma3ForCausalLM.from_pretrained(folder).save_pretrained(other))";

  /** Fills an architecture with the sizes of a config.json. */
  @FunctionalInterface
  private interface Reader {
    Model read(JsonObject config, Format weights, float dropout) throws FormatException;
  }

  private static final Map<String, Reader> READERS =
      new TreeMap<>(
          Map.of(
              "gpt2", (config, weights, dropout) -> new Gpt2(Gpt2Sizes.of(config), dropout),
              "qwen2", (config, weights, dropout) -> Qwen2.of(config),
              "llama", (config, weights, dropout) -> Llama.of(config),
              "gemma3_text", (config, weights, dropout) -> Gemma3.of(config, weights)));

  private Models() {}

  /** The model that a config.json describes, with weights in float32 and without dropout. */
  public static Model of(JsonObject config) throws IOException {
    return of(config, Format.F32, 0);
  }

  /**
   * The model that a config.json describes.
   *
   * @param weights the type of the numbers in its file
   * @param dropout the rate on the embedding's and the blocks' outputs while training
   * @throws FormatException if its type is not supported, or a size is missing or wrong
   */
  public static Model of(JsonObject config, Format weights, float dropout) throws IOException {
    String type = config.string("model_type");
    Reader reader = READERS.get(type);
    if (reader == null) {
      throw config.wrong(
          "model_type", "one of " + READERS.keySet() + (type.equals("gemma3") ? TEXT_ONLY : ""));
    }
    if (dropout != 0 && !type.equals("gpt2")) {
      throw new FormatException(
          "expected a dropout of 0, because " + type + " has none, found " + dropout);
    }
    try {
      return reader.read(config, weights, dropout);
    } catch (IllegalArgumentException e) {
      FormatException wrong = config.wrong(e.getMessage() + "; correct the file");
      wrong.initCause(e);
      throw wrong;
    }
  }
}
