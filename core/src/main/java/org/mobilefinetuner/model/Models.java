package org.mobilefinetuner.model;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/** The architectures by {@code model_type}. */
public final class Models {
  /** Fills an architecture with the sizes of a config.json. */
  @FunctionalInterface
  private interface Reader {
    Model read(JsonObject config, float dropout) throws FormatException;
  }

  private static final Map<String, Reader> READERS = new TreeMap<>(Map.of("gpt2", Gpt2::of));

  private Models() {}

  /**
   * The model that a config.json describes.
   *
   * @param dropout the rate on the embedding's and the blocks' outputs while training
   * @throws FormatException if its type is not supported, or a size is missing or wrong
   */
  public static Model of(JsonObject config, float dropout) throws IOException {
    String type = config.string("model_type");
    Reader reader = READERS.get(type);
    if (reader == null) {
      throw config.wrong("model_type", "one of " + READERS.keySet());
    }
    try {
      return reader.read(config, dropout);
    } catch (IllegalArgumentException e) {
      FormatException wrong = config.wrong(e.getMessage() + "; correct the file");
      wrong.initCause(e);
      throw wrong;
    }
  }
}
