package org.mobilefinetuner.adapter;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/**
 * LoRA and DoRA adapters in a folder of PEFT or of mlx-lm, told apart by the name of the weights'
 * file.
 */
public final class AdapterFolder {
  private AdapterFolder() {}

  /**
   * The adapters in {@code folder} by the site at which they belong, in the order of the model.
   *
   * @param sites the projections of the model
   * @throws FormatException if the folder holds something else, or does not fit the model
   */
  public static Map<String, LowRankAdapter> read(Path folder, List<Site> sites) throws IOException {
    return MlxFolder.is(folder) ? MlxFolder.read(folder, sites) : PeftFolder.read(folder, sites);
  }

  /** Whether the scale is alpha/√r rather than alpha/r. */
  public static boolean rankStabilised(Path folder) throws IOException {
    return !MlxFolder.is(folder)
        && PeftConfig.rankStabilised(JsonObject.read(folder.resolve(PeftFolder.CONFIG)));
  }
}
