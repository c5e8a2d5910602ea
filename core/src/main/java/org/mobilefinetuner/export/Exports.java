package org.mobilefinetuner.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.Adapter;
import org.mobilefinetuner.adapter.AdapterFolder;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.LowRankAdapter;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.GgmlType;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter;
import org.mobilefinetuner.text.ChatTemplate;
import org.mobilefinetuner.text.Tokenizer;

/**
 * A model, or a model and its adapter, on the way to another program.
 *
 * <p>Whatever is written is loaded again and gives the logits that it should before it takes its
 * place; if it does not, nothing is left of it and an exception says so.
 */
public final class Exports {
  private static final double SAME = 1e-6; // logits of the same float32 weights

  private final ModelFolder folder;
  private final @Nullable Path adapterFolder;
  private final Map<String, LowRankAdapter> adapters;
  private final Kernels kernels;

  /**
   * @param adapterFolder of PEFT or mlx-lm, or null for the model alone
   */
  public Exports(ModelFolder folder, @Nullable Path adapterFolder, Kernels kernels)
      throws IOException {
    this.folder = folder;
    this.adapterFolder = adapterFolder;
    this.kernels = kernels;
    this.adapters =
        adapterFolder == null ? Map.of() : AdapterFolder.read(adapterFolder, sites(folder));
  }

  private static List<Site> sites(ModelFolder folder) {
    return ModelFolder.sites(folder.model());
  }

  private LoadedWeights adapted(Map<String, ? extends Adapter> by) throws IOException {
    LoadedWeights weights = folder.frozen();
    by.forEach(weights::adapt);
    return weights;
  }

  private LogitCheck check() throws IOException {
    return new LogitCheck(adapted(adapters), folder.frozen(), kernels);
  }

  /** What is known of the base's name: its own, or its folder's. */
  public String baseName() throws IOException {
    String known =
        folder.config().has("_name_or_path") ? folder.config().string("_name_or_path") : "";
    Path name = Paths.get(known).getFileName();
    if (name == null || name.toString().isEmpty()) {
      name = folder.path().toAbsolutePath().normalize().getFileName();
    }
    return String.valueOf(name);
  }

  /** The chat template in use: the adapter's, or the model's; null if there is none. */
  public @Nullable String chatTemplate() throws IOException {
    String own = adapterFolder == null ? null : ChatTemplate.text(adapterFolder);
    return own != null ? own : ChatTemplate.text(folder.path());
  }

  /** Writes the adapter as PEFT has it. */
  public LogitCheck.Report peft(Path output) throws IOException {
    Path from = requireAdapter("peft");
    LogitCheck check = check();
    LogitCheck.Report[] report = new LogitCheck.Report[1];
    String base =
        folder.config().has("_name_or_path") ? folder.config().string("_name_or_path") : null;
    PeftFolder.write(
        output,
        from,
        base,
        adapters,
        sites(folder),
        written -> {
          LoadedWeights again = adapted(PeftFolder.read(written, sites(folder)));
          report[0] = check.require(output.toString(), again, SAME);
        });
    return report[0];
  }

  /** Writes the model, with its adapter merged into it, as a folder of transformers. */
  public LogitCheck.Report hf(Path output, ModelWriter.Storage storage) throws IOException {
    LogitCheck check = check();
    MergedWeights merged = new MergedWeights(adapted(adapters), kernels);
    LogitCheck.Report[] report = new LogitCheck.Report[1];
    ModelWriter.write(
        output,
        folder.model(),
        folder.config(),
        storage,
        merged::values,
        folder.path(),
        written -> {
          try (ModelFolder again = ModelFolder.open(written)) {
            // by the base's sizes: Gemma's depend on the type of the file
            LoadedWeights weights = LoadedWeights.frozen(folder.model(), again.source());
            double bound = LogitCheck.bound(GgmlType.valueOf(storage.format().name()));
            report[0] = check.require(output.toString(), weights, bound);
          }
        });
    return report[0];
  }

  /** Writes the model, with its adapter merged into it, as one file of llama.cpp. */
  public LogitCheck.Report gguf(Path output, GgmlType type) throws IOException {
    GgufModel file = new GgufModel(folder, baseName(), type);
    @Nullable Tokenizer tokenizer = folder.tokenizer();
    MergedWeights merged = new MergedWeights(adapted(adapters), kernels);
    LogitCheck check = check();
    return verified(
        output,
        to -> file.write(to, merged, tokenizer, chatTemplate()),
        again -> LoadedWeights.frozen(folder.model(), new GgufWeights(again, folder.model())),
        check,
        LogitCheck.bound(type));
  }

  /** Writes the adapter as a file of llama.cpp. */
  public LogitCheck.Report ggufLora(Path output, GgmlType type) throws IOException {
    requireAdapter("gguf-lora");
    Map<String, Lora> plain = plainLora();
    GgufAdapter file = new GgufAdapter(folder.model(), baseName());
    LogitCheck check = check();
    return verified(
        output,
        to -> file.write(to, plain, type),
        again -> adapted(file.read(again)),
        check,
        LogitCheck.bound(type));
  }

  /** The adapters, if they are what llama.cpp has. */
  private Map<String, Lora> plainLora() throws FormatException {
    Map<String, Lora> plain = new LinkedHashMap<>();
    for (Map.Entry<String, LowRankAdapter> entry : adapters.entrySet()) {
      if (!(entry.getValue() instanceof Lora lora)) {
        throw new FormatException(
            "expected a LoRA adapter for llama.cpp, found DoRA in "
                + adapterFolder
                + ", whose magnitudes llama.cpp does not know; export the merged model as gguf"
                + " instead");
      }
      plain.put(entry.getKey(), lora);
    }
    return plain;
  }

  private Path requireAdapter(String format) {
    if (adapterFolder == null) {
      throw new IllegalArgumentException(
          "expected an adapter to export as " + format + ", found none; give its folder");
    }
    return adapterFolder;
  }

  private interface Writing {
    void to(Path file) throws IOException;
  }

  private interface Reading {
    LoadedWeights weights(Gguf file) throws IOException;
  }

  private static LogitCheck.Report verified(
      Path output, Writing writing, Reading reading, LogitCheck check, double bound)
      throws IOException {
    Path unverified = output.resolveSibling(output.getFileName() + ".unverified");
    try {
      writing.to(unverified);
      LogitCheck.Report report;
      try (Gguf again = Gguf.open(unverified)) {
        report = check.require(output.toString(), reading.weights(again), bound);
      }
      Files.move(
          unverified, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return report;
    } finally {
      Files.deleteIfExists(unverified);
    }
  }

  /** The adapters by site. */
  public Map<String, LowRankAdapter> adapters() {
    return new LinkedHashMap<>(adapters);
  }
}
