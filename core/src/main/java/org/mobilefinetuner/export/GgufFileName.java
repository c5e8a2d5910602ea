package org.mobilefinetuner.export;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.GgmlType;

/**
 * The name of a GGUF file by its naming convention: {@code
 * <base>-<size>-<finetune>-<version>-<encoding>[-LoRA].gguf}.
 */
public final class GgufFileName {
  private static final Pattern SIZE = Pattern.compile("(?i).*\\d[KMBT](-.*|$)");

  private GgufFileName() {}

  /**
   * @param base the base's name; a size in it stays, else the number of parameters is put behind
   * @param fineTune what has become of it, or null for the base itself
   * @param lora whether the file is an adapter
   */
  public static String of(
      String base, long parameters, @Nullable String fineTune, GgmlType type, boolean lora) {
    String name = plain(base);
    if (!SIZE.matcher(name).matches()) {
      name += "-" + size(parameters);
    }
    if (fineTune != null) {
      name += "-" + plain(fineTune);
    }
    return name + "-v1.0-" + type + (lora ? "-LoRA" : "") + ".gguf";
  }

  private static String plain(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]+", "-");
  }

  /** A number of parameters in short, such as 494M. */
  static String size(long parameters) {
    if (parameters >= 1_000_000_000) {
      return String.format(Locale.ROOT, "%.1fB", parameters / 1e9);
    }
    return parameters >= 1_000_000
        ? Math.round(parameters / 1e6) + "M"
        : Math.round(parameters / 1e3) + "K";
  }
}
