package org.mobilefinetuner.metrics;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

final class TensorBoardLogTest {
  @TempDir Path folder;

  private static JsonObject line(int step, String key, double value) {
    return JsonObject.empty().put("step", step).put(key, value).put("time_unix_ms", 2000L);
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("tb"))) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }

  /** The records, whose lengths and sums are checked with Java's own CRC-32C. */
  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = new byte[8];
      bytes.mark();
      bytes.get(length);
      assertThat(bytes.getInt()).isEqualTo(masked(length));
      byte[] record =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      bytes.get(record);
      assertThat(bytes.getInt()).isEqualTo(masked(record));
      records.add(record);
    }
    return records;
  }

  private static int masked(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    int crc = (int) sum.getValue();
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  @Test
  void recordsHaveTheBytesOfTensorFlow() throws IOException {
    try (TensorBoardLog log = new TensorBoardLog(folder.resolve("tb"), "here", 1.5, List.of())) {
      log.add(line(300, "loss", 0.5));
    }
    assertThat(file()).hasFileName("events.out.tfevents.1.here");
    List<byte[]> records = records(file());
    assertThat(records).hasSize(2);
    HexFormat hex = HexFormat.of();
    assertThat(hex.formatHex(records.get(0)))
        .isEqualTo(
            "09" + "000000000000f83f" + "1a0d" + hex.formatHex("brain.Event:2".getBytes(US_ASCII)));
    assertThat(hex.formatHex(records.get(1)))
        .isEqualTo(
            "09"
                + "0000000000000040"
                + "10ac02"
                + "2a13"
                + "0a11"
                + "0a0a"
                + hex.formatHex("train/loss".getBytes(US_ASCII))
                + "150000003f");
  }

  @Test
  void aRunThatGoesOnHasOneFileWithAllItsSteps() throws IOException {
    List<JsonObject> history = List.of(line(1, "loss", 3), line(2, "eval_loss", 4));
    new TensorBoardLog(folder.resolve("tb"), "here", 1, List.of()).close();
    try (TensorBoardLog log = new TensorBoardLog(folder.resolve("tb"), "there", 9, history)) {
      log.add(JsonObject.empty().put("event", "resume").put("step", 2));
      log.add(line(3, "loss", 2));
    }
    List<byte[]> records = records(file());
    assertThat(records).hasSize(1 + 3);
    assertThat(new String(records.get(2), US_ASCII)).contains("eval/loss");
  }

  @Test
  void theSumIsThatOfTheStandard() {
    byte[] check = "123456789".getBytes(US_ASCII);
    assertThat(Crc32c.of(check, 0, check.length)).isEqualTo(0xE3069283);
  }
}
