package org.mobilefinetuner.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.SafetensorsRegions.Region;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.tensor.QuantizedMatrix;

class QuantizedTensorsTest {
  @TempDir Path dir;

  /** A file whose numbers are all zero. */
  private QuantizedTensors open(Map<String, Region> regions) throws IOException {
    Path file = dir.resolve("weights.safetensors");
    try (var out = SafetensorsRegions.create(file, regions, JsonObject.empty())) {
      for (Map.Entry<String, Region> entry : regions.entrySet()) {
        int bytes = Safetensors.bytesOf(entry.getValue().type());
        for (int dim : entry.getValue().shape()) {
          bytes *= dim;
        }
        out.write(entry.getKey(), 0, ByteBuffer.allocate(bytes));
      }
    }
    return QuantizedTensors.open(file);
  }

  @Test
  void codesAndScalesAreOneMatrix() throws IOException {
    Map<String, Region> regions = QuantizedTensors.regions("w", 3, 129, Quantization.INT8);
    regions.put("plain", new Region("F32", 2, 2));
    regions.put("input_scale", new Region("F16", 1)); // of nothing that is here
    try (QuantizedTensors tensors = open(regions)) {
      assertThat(tensors.names()).containsExactlyInAnyOrder("w", "plain", "input_scale");
      assertThat(tensors.type("w")).isEqualTo("INT8");
      assertThat(tensors.shape("w")).containsExactly(3, 129);
      assertThat(tensors.matrix("w")).isInstanceOf(QuantizedMatrix.class);
      assertThat(tensors.type("plain")).isEqualTo("F32");
      assertThat(tensors.tensor("plain").data()).containsOnly(0);
      assertThatThrownBy(() -> tensors.tensor("w"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("w: expected floating-point numbers, found INT8; quantised");
    }
  }

  @Test
  void scalesOfOtherGroupsAreRefused() throws IOException {
    Map<String, Region> regions = new LinkedHashMap<>();
    regions.put("w", new Region("I8", 3, 128));
    regions.put("w_scale", new Region("F16", 3, 4));
    try (QuantizedTensors tensors = open(regions)) {
      refused(tensors, "w_scale: expected [3, 2], as groups of 64 have it, found [3, 4]");
    }
  }

  @Test
  void dimensionsThatDoNotFitAreRefused() throws IOException {
    Map<String, Region> regions = QuantizedTensors.regions("w", 3, 128, Quantization.INT4);
    try (QuantizedTensors tensors = open(regions)) { // w_shape is [0, 0]
      refused(tensors, "w_packed: expected [0, 0]");
    }
  }

  @Test
  void codesWithoutDimensionsAreRefused() throws IOException {
    Map<String, Region> regions = QuantizedTensors.regions("w", 3, 128, Quantization.INT4);
    regions.remove("w_shape");
    try (QuantizedTensors tensors = open(regions)) {
      refused(tensors, "has no tensor called w_shape");
    }
  }

  private static void refused(QuantizedTensors tensors, String message) {
    assertThatThrownBy(() -> tensors.matrix("w"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }
}
