package org.mobilefinetuner.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeviceFactsTest {
  /** As a phone with small and large cores tells it. */
  private static List<String> phone() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      boolean large = i >= 6;
      lines.addAll(
          Arrays.asList(
              "processor\t: " + i,
              "Features\t: fp asimd evtstrm aes asimdhp asimddp" + (large ? " i8mm bf16" : ""),
              "CPU implementer\t: 0x41",
              "CPU part\t: " + (large ? "0xd44" : "0xd05"),
              ""));
    }
    return lines;
  }

  @Test
  void coresAreCountedByKind() {
    assertThat(DeviceFacts.cores(phone()).toString())
        .isEqualTo("{\"0x41/0xd05\":6,\"0x41/0xd44\":2}");
    assertThat(DeviceFacts.cores(List.of("model name\t: Some CPU @ 2 GHz")).toString())
        .isEqualTo("{\"Some CPU @ 2 GHz\":1}");
  }

  @Test
  void featuresAreThoseOfAllCores() {
    assertThat(DeviceFacts.features(phone())).containsExactly("asimd", "asimddp", "asimdhp");
    assertThat(DeviceFacts.features(List.of())).isEmpty();
  }
}
