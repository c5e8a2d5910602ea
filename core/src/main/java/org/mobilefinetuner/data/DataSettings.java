package org.mobilefinetuner.data;

import java.nio.file.Path;
import java.nio.file.Paths;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.AssistantTurns.Boundary;

/**
 * How data is read.
 *
 * @param format what the records look like; null to see it in the first
 * @param maxLength sequences are cut to this many tokens
 * @param maskPrompt whether only answers are predicted, or all tokens of a conversation or a prompt
 *     too
 * @param boundary how far the assistant's turns reach
 * @param scratch the folder for a scratch file, where the examples do not fit in memory
 * @param tokensInMemory more tokens than these go to a scratch file
 */
public record DataSettings(
    @Nullable DataFormat format,
    int maxLength,
    boolean maskPrompt,
    Boundary boundary,
    Path scratch,
    long tokensInMemory) {
  /** About eight megabytes. */
  public static final long TOKENS_IN_MEMORY = 1 << 20;

  public DataSettings {
    if (maxLength < 2) {
      throw new IllegalArgumentException(
          "expected a maximal length of at least 2 tokens, found " + maxLength);
    }
  }

  /** The usual settings: answers are predicted, up to and with the token that ends them. */
  public static DataSettings of(int maxLength) {
    return new DataSettings(
        null, maxLength, true, Boundary.CONTENT, temporaryFolder(), TOKENS_IN_MEMORY);
  }

  /** The system's folder for temporary files. */
  public static Path temporaryFolder() {
    return Paths.get(System.getProperty("java.io.tmpdir", "."));
  }
}
