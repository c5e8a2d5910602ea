package org.mobilefinetuner.export;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.io.TensorSource;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/** The weights of a GGUF file under the names and in the layouts of Hugging Face. */
final class GgufWeights implements TensorSource {
  private final Gguf file;
  private final GgufArchitecture architecture;
  private final Map<String, WeightSpec> specs = new LinkedHashMap<>();

  /**
   * @throws FormatException if the file is of another architecture
   */
  GgufWeights(Gguf file, Model model) throws FormatException {
    this.file = file;
    this.architecture = GgufArchitecture.of(model);
    String found = file.metadata().string("general.architecture");
    if (!found.equals(architecture.name())) {
      throw new FormatException(
          file + ": expected the architecture " + architecture.name() + ", found " + found);
    }
    for (WeightSpec spec : model.weights()) {
      specs.put(spec.name(), spec);
    }
  }

  @Override
  public Set<String> names() {
    return specs.keySet();
  }

  private WeightSpec spec(String name) throws IOException {
    WeightSpec spec = specs.get(name);
    if (spec == null) {
      throw new FormatException(file + ": no weight of the model is called " + name);
    }
    return spec;
  }

  @Override
  public int[] shape(String name) throws IOException {
    WeightSpec spec = spec(name);
    int[] found = file.shape(architecture.tensor(name));
    return Arrays.equals(found, architecture.shape(spec)) ? spec.shape() : found;
  }

  @Override
  public String type(String name) throws IOException {
    return file.type(architecture.tensor(name));
  }

  @Override
  public long bytes(String name) throws IOException {
    return file.bytes(architecture.tensor(name));
  }

  @Override
  public Matrix matrix(String name) throws IOException {
    return architecture.ours(spec(name), file.matrix(architecture.tensor(name)));
  }

  @Override
  public Tensor tensor(String name) throws IOException {
    Matrix matrix = matrix(name);
    Tensor tensor = Tensor.zeros(spec(name).shape());
    matrix.read(0, 0, matrix.rows(), matrix.cols(), tensor.data(), 0, matrix.cols());
    return tensor;
  }
}
