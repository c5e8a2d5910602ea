package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file that is not what it says is refused with a reason, before its numbers are used. */
class DamagedSafetensorsTest {
  private static final byte[] EIGHT = new byte[8];

  @TempDir Path folder;

  @Test
  void aFileThatIsCutOff() throws IOException {
    Path file = write(entry("w", "F32", "[2,3]", 0, 24), new byte[24]);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      String reason =
          length < 8
              ? "expected 8 bytes at 0, found the end of the file; copy or download it again"
              : length < whole.length - 24
                  ? "the file is truncated or no safetensors file"
                  : "it is truncated: copy or download it again";
      refused(file, reason);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE, 12_345})
  void aHeaderOfImpossibleLength(long length) throws IOException {
    Path file = folder.resolve("f");
    RawSafetensors.write(file, length, "{}".getBytes(StandardCharsets.UTF_8), EIGHT);
    refused(file, "expected a header of at most 100000000 bytes", "found the length " + length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1, 2]                     | expected a JSON object, found [",
        "'   '                      | expected a JSON object, found nothing",
        "{\"w\": 3}                 | expected an object as \"w\", found 3",
        "{\"w\": {}}                | expected a list as \"w.data_offsets\", found nothing",
        "{\"w\": {\"dtype\": \"F32\" | expected JSON to go on, found its end at column",
        "{} {}                      | expected one JSON object, found more",
        "GGUF                       | expected JSON, found <GGUF> at column"
      })
  void aHeaderThatIsNone(String header, String reason) throws IOException {
    refused(write(header, EIGHT), reason);
  }

  @Test
  void aHeaderThatIsNestedTooDeep() throws IOException {
    String header = "{\"a\":".repeat(70) + "1" + "}".repeat(70);
    refused(write(header, EIGHT), "at most 64 levels");
    refused(write("{\"a\":" + "[".repeat(90_000) + "1", EIGHT), "at most 64 levels");
  }

  @Test
  void tensorsThatOverlap() throws IOException {
    String header = entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[2]", 4, 12);
    refused(write(header, new byte[12]), "expected a tensor at data byte 8, the next starts at 4");
    header = entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[2]", 0, 8);
    refused(write(header, new byte[8]), "expected a tensor at data byte 8, the next starts at 0");
  }

  @Test
  void tensorsWithAGapBetween() throws IOException {
    String header = entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[2]", 12, 20);
    refused(write(header, new byte[20]), "expected a tensor at data byte 8, the next starts at 12");
    refused(
        write(entry("a", "F32", "[2]", 4, 12), new byte[12]),
        "expected a tensor at data byte 0, the next starts at 4");
  }

  @Test
  void bytesBehindTheLastTensor() throws IOException {
    refused(
        write(entry("a", "F32", "[2]", 0, 8), new byte[13]),
        "5 bytes behind the last tensor; the file is damaged");
    refused(write("", new byte[1]), "1 bytes behind the last tensor");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "F32 | [3]                  | 0 | 8  | F32[3] takes 12 bytes, data_offsets give 8",
        "F16 | [2]                  | 0 | 8  | F16[2] takes 4 bytes, data_offsets give 8",
        "F32 | []                   | 0 | 8  | takes 4 bytes, data_offsets give 8",
        "F64 | [2147483647, 2147483647, 2147483647] | 0 | 8 | takes 9223372036854775807 bytes",
        "F4  | [2]                  | 0 | 8  | w: unknown dtype F4",
        "F32 | [-2]                 | 0 | 8  | w: not a shape: [-2]",
        "F32 | [2.0]                | 0 | 8  | w: not a shape: [2.0]",
        "F32 | [4294967298]         | 0 | 8  | w: not a shape: [4294967298]",
        "F32 | [\"2\"]              | 0 | 8  | w: not a shape: [2]",
        "F32 | [2]                  | 8 | 0  | w: expected two data_offsets, found [8, 0]",
        "F32 | [2]                  | -8 | 0 | w: expected two data_offsets, found [-8, 0]",
        "F32 | [2]                  | 0 | 16 | ends at byte 16 of the data, but the file has only 8"
      })
  void aTensorThatContradictsItself(
      String type, String shape, String begin, String end, String reason) throws IOException {
    String header =
        "{\"w\":{\"dtype\":\""
            + type
            + "\",\"shape\":"
            + shape
            + ",\"data_offsets\":["
            + begin
            + ","
            + end
            + "]}}";
    refused(write(header, EIGHT), reason);
  }

  @Test
  void offsetsThatAreNoPair() throws IOException {
    refused(
        write("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", EIGHT),
        "w: expected two data_offsets, found [0]");
    refused(
        write("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8.0]}}", EIGHT),
        "w: expected two data_offsets, found [0, 8.0]");
    refused(
        write(
            "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}",
            EIGHT),
        "w: expected two data_offsets, found [0, 99999999999999999999]");
  }

  @Test
  void aFileThatIsMissing() {
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("absent.safetensors")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("expected a safetensors file, found no file at")
        .hasMessageContaining("absent.safetensors");
    assertThatThrownBy(() -> Safetensors.open(folder)).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aTensorThatIsMissingOrOfOtherShape() throws IOException {
    Path file = write(entry("w", "F32", "[2]", 0, 8), EIGHT);
    try (Safetensors read = Safetensors.open(file)) {
      assertThatThrownBy(() -> read.tensor("v")).hasMessageContaining("has no tensor called v");
      assertThatThrownBy(() -> read.matrix("w"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("w: expected 2 dimensions, found [2]");
    }
    file = write(entry("w", "F32", "[0,3]", 0, 0), new byte[0]);
    try (Safetensors read = Safetensors.open(file)) {
      assertThatThrownBy(() -> read.matrix("w")).hasMessageContaining("unusable shape [0, 3]");
    }
  }

  private Path write(String header, byte[] data) throws IOException {
    String json = header.startsWith("{") || !header.startsWith("\"") ? header : "{" + header + "}";
    return RawSafetensors.write(folder.resolve("f"), json.isEmpty() ? "{}" : json, data);
  }

  private static String entry(String name, String type, String shape, int begin, int end) {
    return "\""
        + name
        + "\":{\"dtype\":\""
        + type
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":["
        + begin
        + ","
        + end
        + "]}";
  }

  private static void refused(Path file, String... reasons) {
    assertThatThrownBy(() -> Safetensors.open(file).close())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(file.getFileName().toString())
        .hasMessageContainingAll(reasons);
  }
}
