package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Backends;

class DoctorCommandTest {
  @Test
  void text() {
    Mft.Run run = Mft.run("doctor");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(
            Runtime.version().toString(),
            "Processors " + Runtime.getRuntime().availableProcessors(),
            "portable",
            "scalar");
  }

  @Test
  void json() throws IOException {
    JsonObject json = JsonObject.parse("out", Mft.run("doctor", "--json").out());
    assertThat(json.number("memory_bytes")).isGreaterThan(1e8);
    assertThat(json.list("backends")).hasSameSizeAs(Backends.all());
    for (Object backend : json.list("backends")) {
      JsonObject b = (JsonObject) backend;
      assertThat(b.bool("usable", false)).isNotEqualTo(b.has("reason"));
    }
  }
}
