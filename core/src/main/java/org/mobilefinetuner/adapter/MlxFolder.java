package org.mobilefinetuner.adapter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Transposed;

/**
 * LoRA adapters in the folder that Apple's mlx-lm writes: {@code adapters.safetensors} and the
 * arguments of the training as {@code adapter_config.json}.
 *
 * <p>mlx-lm multiplies from the other side: {@code <module>.lora_a} is [in, r], {@code .lora_b} [r,
 * out], the transposes of PEFT's. Its {@code scale} is the multiplier itself, not alpha.
 */
final class MlxFolder {
  static final String WEIGHTS = "adapters.safetensors";

  private static final double SCALE = 20; // mlx-lm's default
  private static final String A = ".lora_a";
  private static final String B = ".lora_b";

  private MlxFolder() {}

  static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(WEIGHTS))
        && !Files.exists(folder.resolve(PeftFolder.WEIGHTS));
  }

  static Map<String, LowRankAdapter> read(Path folder, List<Site> sites) throws IOException {
    JsonObject config = JsonObject.read(folder.resolve(PeftFolder.CONFIG));
    String type = config.string("fine_tune_type", "lora");
    if (!type.equals("lora")) {
      throw new FormatException(
          folder
              + ": expected an mlx-lm adapter of fine_tune_type lora, found "
              + type
              + ", which is not supported; fuse it into its base with mlx_lm.fuse instead");
    }
    JsonObject lora =
        config.has("lora_parameters") ? config.object("lora_parameters") : JsonObject.empty();
    float scale = (float) lora.number("scale", SCALE);
    if (!(Math.abs(scale) <= Float.MAX_VALUE)) {
      throw lora.wrong("scale", "a number within float32");
    }
    float dropout = PeftConfig.dropout(lora, "dropout");
    try (Safetensors file = Safetensors.open(folder.resolve(WEIGHTS))) {
      Set<String> unread = new TreeSet<>(file.names());
      Map<String, LowRankAdapter> adapters = new LinkedHashMap<>();
      for (Site site : sites) {
        String module = spelled(file, site.name());
        boolean a = unread.remove(module + A);
        boolean b = unread.remove(module + B);
        if (a != b) {
          throw new FormatException(
              file + ": expected lora_a and lora_b of " + module + ", found only one of them");
        }
        if (a) {
          adapters.put(site.name(), read(file, module, site, scale, dropout));
        }
      }
      if (!unread.isEmpty() || adapters.isEmpty()) {
        throw new FormatException(
            file
                + ": expected lora_a and lora_b of the model's projections, found "
                + (unread.isEmpty() ? "nothing" : unread.iterator().next())
                + "; does the adapter belong to this model?");
      }
      return adapters;
    }
  }

  /** mlx-lm calls what holds the blocks {@code model} in every architecture. */
  private static String spelled(Safetensors file, String site) {
    String other = "model" + site.substring(Math.max(0, site.indexOf('.')));
    return file.names().contains(other + A) ? other : site;
  }

  private static Lora read(Safetensors file, String module, Site site, float scale, float dropout)
      throws IOException {
    int[] shape = file.shape(module + A);
    int rank = shape.length == 2 ? shape[1] : 0;
    if (rank < 1) {
      throw new FormatException(
          file + ": " + module + A + ": expected [in, r], found " + Arrays.toString(shape));
    }
    Tensor a = PeftFolder.finite(file, module + A, site.in(), rank);
    Tensor b = PeftFolder.finite(file, module + B, rank, site.out());
    return new Lora(
        new Parameter(Lora.nameOfA(site.name()), Transposed.copy(a)),
        new Parameter(Lora.nameOfB(site.name()), Transposed.copy(b)),
        scale,
        dropout);
  }
}
