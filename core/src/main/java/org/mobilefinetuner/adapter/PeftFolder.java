package org.mobilefinetuner.adapter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

/**
 * LoRA and DoRA adapters in the folder that Hugging Face's PEFT reads and writes.
 *
 * <p>{@code adapter_model.safetensors} holds {@code base_model.model.<site>.lora_A.weight}, [r,
 * in], and {@code .lora_B.weight}, [out, r], whatever the layout of the base, and for DoRA {@code
 * .lora_magnitude_vector}, [out]; {@code adapter_config.json} the scale. Keys that change the
 * result in a way that is not implemented are refused by name, all others that are unknown are
 * passed over, and those that are missing have PEFT's defaults.
 */
public final class PeftFolder {
  public static final String CONFIG = "adapter_config.json";
  public static final String WEIGHTS = "adapter_model.safetensors";

  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  private PeftFolder() {}

  /**
   * What {@code adapter_config.json} is to say of adapters that were trained here.
   *
   * @param baseModel the base's name on the hub, or null if it is not known
   * @param rankStabilised whether the scale is alpha/√r (rsLoRA) rather than alpha/r
   * @param dora whether the adapters are {@link Dora}'s
   */
  public record Settings(
      @Nullable String baseModel,
      int rank,
      double alpha,
      boolean rankStabilised,
      double dropout,
      boolean dora,
      TargetModules targets) {}

  /**
   * The adapters in {@code folder} by the site at which they belong, in the order of the model.
   *
   * @param sites the projections of the model
   * @throws FormatException if the folder holds something else, or does not fit the model
   */
  public static Map<String, LowRankAdapter> read(Path folder, List<Site> sites) throws IOException {
    if (!Files.isRegularFile(folder.resolve(CONFIG))) {
      throw new FormatException(
          "expected an adapter folder with "
              + CONFIG
              + ", found "
              + (Files.isDirectory(folder) ? "none in " : "no folder ")
              + folder
              + "; give the folder that PEFT or mft train has written");
    }
    if (!Files.exists(folder.resolve(WEIGHTS))
        && Files.exists(folder.resolve("adapter_model.bin"))) {
      throw new FormatException(
          folder
              + ": expected "
              + WEIGHTS
              + ", found adapter_model.bin, which may run code when it is read; save the adapter"
              + " with a newer PEFT");
    }
    PeftConfig config = PeftConfig.read(folder.resolve(CONFIG));
    try (Safetensors file = Safetensors.open(folder.resolve(WEIGHTS))) {
      Set<String> unread = new TreeSet<>(file.names());
      Map<String, LowRankAdapter> adapters = new LinkedHashMap<>();
      for (Site site : sites) {
        boolean a = unread.remove(Lora.nameOfA(site.name()));
        boolean b = unread.remove(Lora.nameOfB(site.name()));
        boolean m = config.dora() && unread.remove(Dora.nameOfMagnitude(site.name()));
        if (a != b || m != (a && config.dora())) {
          throw new FormatException(
              file
                  + ": expected lora_A and lora_B"
                  + (config.dora() ? " and lora_magnitude_vector" : "")
                  + " of "
                  + site.name()
                  + ", found only some of them");
        }
        if (a) {
          adapters.put(site.name(), read(file, config, site));
        }
      }
      if (!unread.isEmpty()) {
        throw new FormatException(strange(file, unread.iterator().next(), sites));
      }
      if (adapters.isEmpty()) {
        throw new FormatException(file + ": expected LoRA tensors, found none");
      }
      return adapters;
    }
  }

  private static LowRankAdapter read(Safetensors file, PeftConfig config, Site site)
      throws IOException {
    String name = site.name();
    int rank = config.rank(name);
    Lora lora =
        new Lora(
            parameter(file, Lora.nameOfA(name), rank, site.in()),
            parameter(file, Lora.nameOfB(name), site.out(), rank),
            config.scale(name),
            config.dropout());
    return config.dora()
        ? new Dora(lora, parameter(file, Dora.nameOfMagnitude(name), site.out()))
        : lora;
  }

  private static Parameter parameter(Safetensors file, String name, int... shape)
      throws IOException {
    return new Parameter(name, finite(file, name, shape));
  }

  /** A tensor of that shape without infinities and NaN. */
  static Tensor finite(Safetensors file, String name, int... wanted) throws IOException {
    int[] shape = file.shape(name);
    if (!Arrays.equals(shape, wanted)) {
      throw new FormatException(
          name
              + ": expected "
              + Arrays.toString(wanted)
              + " by the model and "
              + CONFIG
              + ", the file has "
              + Arrays.toString(shape)
              + "; does the adapter belong to this model?");
    }
    Tensor tensor = file.tensor(name);
    for (int i = 0; i < tensor.size(); i++) {
      float value = tensor.data()[tensor.offset() + i];
      if (!(Math.abs(value) <= Float.MAX_VALUE)) {
        throw new FormatException(
            name
                + ": expected finite weights, found "
                + value
                + " at index "
                + i
                + "; the file is damaged or training it has diverged");
      }
    }
    return tensor;
  }

  private static String strange(Safetensors file, String name, List<Site> sites) {
    boolean half = name.startsWith(PREFIX) && (name.endsWith(A) || name.endsWith(B));
    if (!half) {
      return file
          + ": expected only lora_A and lora_B weights, or use_dora in "
          + CONFIG
          + ", found "
          + name
          + ", which is not supported";
    }
    String site = name.substring(PREFIX.length(), name.length() - A.length());
    Set<String> modules = new TreeSet<>();
    sites.forEach(s -> modules.add(s.module()));
    return file
        + ": expected adapters of the model's projections "
        + modules
        + ", found one of "
        + site
        + (site.equals("lm_head")
            ? ": not supported, and llama.cpp ignores it where the embedding is shared"
            : "; does the adapter belong to this model?");
  }

  /**
   * Writes the adapters, as float32, with the keys that every version of PEFT knows.
   *
   * @param folder if it exists, its other files stay
   */
  public static void write(Path folder, Settings settings, Collection<? extends Adapter> adapters)
      throws IOException {
    write(folder, settings, PeftConfig.of(settings), adapters, written -> {});
  }

  /** Looks at what has been written before it takes its place; what it throws undoes it. */
  @FunctionalInterface
  public interface Check {
    void accept(Path folder) throws IOException;
  }

  /**
   * Writes adapters that were read from a folder, PEFT's or mlx-lm's, as PEFT has them.
   *
   * <p>What PEFT's configuration says stays as it is, as far as every version of PEFT knows the
   * key; mlx-lm's scale becomes alpha, scale·r.
   *
   * @param from the folder that was read
   * @param baseModel the base's name on the hub if {@code from} does not say it, or null
   * @param sites the projections of the model
   */
  public static void write(
      Path folder,
      Path from,
      @Nullable String baseModel,
      Map<String, LowRankAdapter> adapters,
      List<Site> sites,
      Check check)
      throws IOException {
    @Nullable JsonObject source = MlxFolder.is(from) ? null : JsonObject.read(from.resolve(CONFIG));
    String base =
        source != null && source.has(PeftConfig.BASE) ? source.string(PeftConfig.BASE) : baseModel;
    LowRankAdapter first = adapters.values().iterator().next();
    boolean rankStabilised = AdapterFolder.rankStabilised(from);
    Settings settings =
        new Settings(
            base,
            first.lora().rank(),
            first.lora().alpha(rankStabilised),
            rankStabilised,
            first.lora().dropout(),
            first instanceof Dora,
            TargetModules.exactly(adapters.keySet(), sites));
    JsonObject config =
        source == null ? PeftConfig.of(settings, adapters) : PeftConfig.known(source, settings);
    write(folder, settings, config, adapters.values(), check);
  }

  private static void write(
      Path folder,
      Settings settings,
      JsonObject config,
      Collection<? extends Adapter> adapters,
      Check check)
      throws IOException {
    Map<String, Item> tensors = new LinkedHashMap<>();
    for (Adapter adapter : adapters) {
      for (Parameter p : adapter.parameters()) {
        tensors.put(p.name(), Item.of(p.value(), Format.F32));
      }
    }
    AtomicFolder.write(
        folder,
        CONFIG,
        to -> {
          SafetensorsWriter.write(to.resolve(WEIGHTS), tensors);
          AtomicFile.write(to.resolve("README.md"), PeftCard.of(settings));
          AtomicFile.write(to.resolve(CONFIG), config.pretty());
          check.accept(to);
        });
  }
}
