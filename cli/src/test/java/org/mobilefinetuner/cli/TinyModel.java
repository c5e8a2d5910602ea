package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.mobilefinetuner.io.JsonObject;

/** Model folders to try commands on, whole and damaged. */
final class TinyModel {
  private TinyModel() {}

  /** The config.json of a model with 300 tokens and 40 positions. */
  static Path config(Path folder) throws IOException {
    return config(folder, 40);
  }

  private static Path config(Path folder, int positions) throws IOException {
    Path file = folder.resolve("tiny.json");
    Files.writeString(
        file,
        """
        {"model_type": "gpt2", "vocab_size": 300, "n_positions": %d, "n_embd": 16, "n_layer": 2,
         "n_head": 2, "eos_token_id": 256, "made_up": {"key": [1, 2.5, null]}}
        """
            .formatted(positions));
    return file;
  }

  /** A model with random weights and, if wanted, a tokenizer. */
  static Path make(Path parent, boolean tokenizer) throws IOException {
    return make(parent, tokenizer, config(parent));
  }

  private static Path make(Path parent, boolean tokenizer, Path config) throws IOException {
    Path model = parent.resolve("model");
    Mft.Run run = Mft.run("init", "--config", config, "--output", model, "--seed", 7);
    assertThat(run.err()).isEmpty();
    if (tokenizer) {
      ByteTokenizer.write(model);
    }
    return model;
  }

  /** One whose positions are so many that training in files takes less memory, but no more time. */
  static Path makeLarge(Path parent) throws IOException {
    return make(parent, true, config(parent, 90_000));
  }

  /** A copy of the golden model, to be damaged. */
  static Path golden(Path parent) throws IOException {
    Path copy = Files.createDirectories(parent.resolve("copy"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(Mft.GOLDEN.resolve(name), copy.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    return copy;
  }

  /** Overwrites the first number of a float32 tensor. */
  static void poke(Path model, String tensor, float value) throws IOException {
    try (var file = new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw")) {
      byte[] length = new byte[8];
      file.readFully(length);
      int header = (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] json = new byte[header];
      file.readFully(json);
      List<?> offsets =
          JsonObject.parse("header", new String(json, java.nio.charset.StandardCharsets.UTF_8))
              .object(tensor)
              .list("data_offsets");
      file.seek(8 + header + ((Number) offsets.get(0)).longValue());
      byte[] bytes = new byte[4];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
      file.write(bytes);
    }
  }

  static void truncate(Path file, long bytes) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
