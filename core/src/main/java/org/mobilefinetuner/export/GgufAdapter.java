package org.mobilefinetuner.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.GgmlType;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.io.GgufMetadata;
import org.mobilefinetuner.io.GgufWriter;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A LoRA adapter as llama.cpp's GGUF: {@code <tensor>.lora_a}, [r, in], and {@code .lora_b}, [out,
 * r], of the model's tensors, and one alpha.
 *
 * <p>PEFT's orientation is llama.cpp's, whatever the layout of the base: GPT-2's transposed weights
 * have adapters that are not, and nothing is turned here. Only where llama.cpp has the rows of a
 * projection in another order ({@link RowOrder}), those of B are too. An adapter whose scale
 * differs from the others' has it in its B.
 */
final class GgufAdapter {
  private static final String A = ".lora_a";
  private static final String B = ".lora_b";

  private final Model model;
  private final GgufArchitecture architecture;
  private final String base;

  GgufAdapter(Model model, String base) throws FormatException {
    this.model = model;
    this.architecture = GgufArchitecture.of(model);
    this.base = base;
  }

  void write(Path file, Map<String, Lora> adapters, GgmlType type) throws IOException {
    Lora first = adapters.values().iterator().next();
    float alpha = first.scale() * first.rank();
    GgufMetadata metadata =
        new GgufMetadata()
            .string("general.architecture", architecture.name())
            .string("general.type", "adapter")
            .string("adapter.type", "lora")
            .string("general.name", base + " LoRA")
            .integer("general.base_model.count", 1)
            .string("general.base_model.0.name", base)
            .integer("general.file_type", GgufModel.fileType(type))
            .integer("general.quantization_version", 2)
            .number("adapter.lora.alpha", alpha);
    Map<String, GgufWriter.Item> tensors = new LinkedHashMap<>();
    for (WeightSpec spec : model.weights()) {
      Lora lora = spec.layout() == null ? null : adapters.get(spec.site());
      if (lora == null) {
        continue;
      }
      String name = architecture.tensor(spec.name());
      Tensor a = lora.a().value();
      Tensor b = lora.b().value();
      float extra = lora.scale() * lora.rank() / alpha;
      Tensor scaled = extra == 1 ? b : scaled(b, extra);
      tensors.put(name + A, new GgufWriter.Item(a.shape(), type, () -> a));
      tensors.put(
          name + B,
          new GgufWriter.Item(
              b.shape(), type, () -> architecture.rows(spec.name(), scaled, false)));
    }
    GgufWriter.write(file, metadata, tensors);
  }

  private static Tensor scaled(Tensor x, float factor) {
    Tensor y = Tensor.zeros(x.shape());
    for (int i = 0; i < y.size(); i++) {
      y.data()[i] = factor * x.data()[x.offset() + i];
    }
    return y;
  }

  /** The adapters of a file by site, as llama.cpp understands it. */
  Map<String, Lora> read(Gguf file) throws IOException {
    String found = file.metadata().string("general.architecture");
    if (!found.equals(architecture.name())
        || !file.metadata().string("general.type").equals("adapter")
        || !file.metadata().string("adapter.type").equals("lora")) {
      throw new FormatException(
          file + ": expected a LoRA adapter of " + architecture.name() + ", found " + found);
    }
    float alpha = (float) file.metadata().number("adapter.lora.alpha");
    Map<String, Lora> adapters = new LinkedHashMap<>();
    Set<String> unread = new TreeSet<>(file.names());
    for (WeightSpec spec : model.weights()) {
      String name = spec.layout() == null ? "" : architecture.tensor(spec.name());
      boolean ofA = unread.remove(name + A);
      boolean ofB = unread.remove(name + B);
      if (ofA != ofB) {
        throw new FormatException(
            file + ": expected lora_a and lora_b of " + name + ", found only one of them");
      }
      if (!ofA) {
        continue;
      }
      int[] a = file.shape(name + A);
      int[] b = file.shape(name + B);
      if (a.length != 2
          || b.length != 2
          || a[1] != spec.in()
          || b[0] != spec.out()
          || a[0] != b[1]) {
        throw new FormatException(
            file
                + ": "
                + name
                + ": expected A [r, "
                + spec.in()
                + "] and B ["
                + spec.out()
                + ", r], found "
                + Arrays.toString(a)
                + " and "
                + Arrays.toString(b));
      }
      Matrix rows = architecture.rows(spec.name(), file.matrix(name + B), true);
      Tensor back = Tensor.zeros(b);
      rows.read(0, 0, b[0], b[1], back.data(), 0, b[1]);
      adapters.put(
          spec.site(),
          new Lora(
              new Parameter(Lora.nameOfA(spec.site()), file.tensor(name + A)),
              new Parameter(Lora.nameOfB(spec.site()), back),
              alpha / a[0],
              0));
    }
    if (!unread.isEmpty() || adapters.isEmpty()) {
      throw new FormatException(
          file + ": expected pairs of lora_a and lora_b of the model, found " + unread);
    }
    return adapters;
  }
}
