package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The weights of a model folder: {@code model.safetensors}, or the shards of its index. Matrices
 * may be quantised, see {@link QuantizedTensors}.
 */
public final class SafetensorsFolder implements TensorSource, AutoCloseable {
  public static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private final Map<Path, QuantizedTensors> files = new LinkedHashMap<>();
  private final Map<String, QuantizedTensors> byName = new LinkedHashMap<>();

  private SafetensorsFolder() {}

  public static SafetensorsFolder open(Path folder) throws IOException {
    SafetensorsFolder opened = new SafetensorsFolder();
    try {
      if (Files.exists(folder.resolve(INDEX))) {
        opened.openShards(folder);
      } else if (Files.exists(folder.resolve(SINGLE))) {
        QuantizedTensors file = opened.open(folder, SINGLE);
        file.names().forEach(name -> opened.byName.put(name, file));
      } else {
        throw new java.io.FileNotFoundException(
            "expected "
                + SINGLE
                + " or "
                + INDEX
                + ", found neither in "
                + folder
                + "; models in other formats (.bin, .gguf) must be converted first");
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void openShards(Path folder) throws IOException {
    JsonObject map = JsonObject.read(folder.resolve(INDEX)).object("weight_map");
    for (String name : map.keys()) {
      String shard = map.string(name);
      if (shard.contains("/") || shard.contains("\\") || shard.equals("..")) {
        throw new FormatException(
            INDEX + ": expected the name of a file in the folder, found \"" + shard + "\"");
      }
      QuantizedTensors file = open(folder, shard);
      if (!file.names().contains(name)) {
        throw new FormatException(
            INDEX + ": " + name + " should be in " + shard + ", which does not have it");
      }
      byName.put(name, file);
    }
  }

  private QuantizedTensors open(Path folder, String name) throws IOException {
    Path path = folder.resolve(name);
    QuantizedTensors file = files.get(path);
    if (file == null) {
      file = QuantizedTensors.open(path);
      files.put(path, file);
    }
    return file;
  }

  @Override
  public Set<String> names() {
    return byName.keySet();
  }

  /** The paths of the files. */
  public Set<Path> files() {
    return files.keySet();
  }

  private QuantizedTensors file(String name) throws IOException {
    QuantizedTensors file = byName.get(name);
    if (file == null) {
      throw new FormatException(files.keySet() + ": no tensor is called " + name);
    }
    return file;
  }

  @Override
  public int[] shape(String name) throws IOException {
    return file(name).shape(name);
  }

  @Override
  public String type(String name) throws IOException {
    return file(name).type(name);
  }

  @Override
  public long bytes(String name) throws IOException {
    return file(name).bytes(name);
  }

  @Override
  public Matrix matrix(String name) throws IOException {
    return file(name).matrix(name);
  }

  @Override
  public Tensor tensor(String name) throws IOException {
    return file(name).tensor(name);
  }

  @Override
  public void close() throws IOException {
    for (QuantizedTensors file : files.values()) {
      file.close();
    }
  }
}
