package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mobilefinetuner.io.JsonObject;

/** The benchmark that needs nothing but the machine. */
final class BenchDeviceTest {
  @Test
  void resultSaysWhatWasMeasuredWhere() throws Exception {
    Mft.Run run =
        Mft.run("bench", "device", "--json", "--threads", "1", "--device", "bench of a test");
    assertThat(run.code()).as(run.err()).isZero();
    JsonObject result = JsonObject.parse("out", run.out());
    assertThat(result.object("device").string("name")).isEqualTo("bench of a test");
    assertThat(result.object("device").integer("processors")).isPositive();
    assertThat(result.object("backends").string("portable")).isEqualTo("works");
    assertThat(result.integer("threads")).isEqualTo(1);
    assertThat(result.objects("products")).extracting(p -> p.get("layout")).contains("NT", "TN");
    assertThat(result.objects("products"))
        .allSatisfy(p -> assertThat(p.number("gflops")).isPositive());
    // ln 4096: a model that knows nothing, of that vocabulary
    assertThat(result.object("step").number("loss")).isBetween(8.2, 8.5);
  }
}
