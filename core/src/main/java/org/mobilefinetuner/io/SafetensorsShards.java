package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the weights of a model folder: one {@code model.safetensors}, or shards of a limited size
 * and their index, as {@link SafetensorsFolder} and transformers read them.
 */
public final class SafetensorsShards {
  private SafetensorsShards() {}

  /**
   * Writes the tensors in the order of the map. A tensor is never cut: one that is larger than a
   * shard is a shard of its own.
   *
   * @param maxBytes of the numbers of one file
   */
  public static void write(Path folder, Map<String, SafetensorsWriter.Item> tensors, long maxBytes)
      throws IOException {
    List<Map<String, SafetensorsWriter.Item>> shards = new ArrayList<>();
    long room = 0;
    long bytes = 0;
    long values = 0;
    for (Map.Entry<String, SafetensorsWriter.Item> entry : tensors.entrySet()) {
      SafetensorsWriter.Item item = entry.getValue();
      long size = item.size() * item.format().bytes();
      if (shards.isEmpty() || size > room) {
        shards.add(new LinkedHashMap<>());
        room = maxBytes;
      }
      shards.get(shards.size() - 1).put(entry.getKey(), item);
      room -= size;
      bytes += size;
      values += item.size();
    }
    if (shards.size() < 2) {
      SafetensorsWriter.write(folder.resolve(SafetensorsFolder.SINGLE), tensors);
      return;
    }
    Map<String, String> files = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      SafetensorsWriter.write(folder.resolve(name), shards.get(i));
      shards.get(i).keySet().forEach(tensor -> files.put(tensor, name));
    }
    JsonObject map = JsonObject.empty();
    files.forEach(map::put);
    JsonObject index =
        JsonObject.empty()
            .put(
                "metadata",
                JsonObject.empty().put("total_parameters", values).put("total_size", bytes))
            .put("weight_map", map);
    AtomicFile.write(folder.resolve(SafetensorsFolder.INDEX), index.pretty());
  }
}
