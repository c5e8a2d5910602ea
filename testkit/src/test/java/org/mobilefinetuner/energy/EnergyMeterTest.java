package org.mobilefinetuner.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.metrics.DeviceReading;

/** Energy from counters, from volts and amperes, and estimated; and sensors that hang. */
final class EnergyMeterTest {
  private double cpuSeconds;
  private final EnergyMeter meter = new EnergyMeter(() -> cpuSeconds, 4);

  private static DeviceReading reading(double watts, double joules, @Nullable String source) {
    DeviceReading nothing = DeviceReading.NOTHING;
    return new DeviceReading(
        nothing.batteryPercent(),
        watts >= 0 ? Boolean.FALSE : Boolean.TRUE,
        Double.isNaN(watts) ? OptionalDouble.empty() : OptionalDouble.of(watts),
        nothing.batteryCelsius(),
        nothing.cpuCelsius(),
        nothing.thermalStatus(),
        source == null ? OptionalDouble.empty() : OptionalDouble.of(joules),
        source);
  }

  @Test
  void powerOfABatteryIsIntegrated() {
    assertThat(meter.add(reading(2, 0, null), 0).energyJoules()).as("of nothing yet").isEmpty();
    meter.add(reading(4, 0, null), 10_000_000_000L);
    DeviceReading end = meter.add(reading(4, 0, null), 15_000_000_000L);
    assertThat(end.energyJoules().orElse(0)).isCloseTo(3 * 10 + 4 * 5, within(1e-9));
    assertThat(end.energySource()).isEqualTo("battery volts × amperes");
  }

  @Test
  void aCounterIsBetterThanABattery() {
    meter.add(reading(2, 1000, "RAPL package-0"), 0);
    DeviceReading end = meter.add(reading(2, 1234, "RAPL package-0"), 1_000_000_000L);
    assertThat(end.energyJoules()).hasValue(234);
    assertThat(end.energySource()).isEqualTo("RAPL package-0");
  }

  @Test
  void withoutSensorsItIsAnEstimateAndSaysSo() {
    meter.add(DeviceReading.NOTHING, 0);
    cpuSeconds = 2.5;
    DeviceReading end = meter.add(DeviceReading.NOTHING, 1_000_000_000L);
    assertThat(end.energyJoules()).hasValue(10);
    assertThat(end.energySource()).isEqualTo("estimate: CPU time × 4 W per core");
  }

  /** While a battery is filled its current says nothing of what is used. */
  @Test
  void sourcesThatChangeAreNamedWithTheirShares() {
    meter.add(reading(4, 0, null), 0);
    meter.add(reading(4, 0, null), 10_000_000_000L);
    cpuSeconds = 3;
    DeviceReading end = meter.add(reading(-9, 0, null), 20_000_000_000L);
    assertThat(end.energyJoules()).hasValue(52);
    assertThat(end.energySource())
        .isEqualTo("40 J by battery volts × amperes; 12 J by estimate: CPU time × 4 W per core");
  }

  @Test
  void aSensorThatHangsHoldsUpNobody() {
    CountDownLatch hangs = new CountDownLatch(1);
    DeviceProbe slow =
        new DeviceProbe() {
          @Override
          public DeviceReading read() {
            try {
              hangs.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException("ended", e);
            }
            return reading(7, 0, null);
          }

          @Override
          public List<Sensor> sensors() {
            return List.of();
          }
        };
    try (BackgroundProbe probe = new BackgroundProbe("slow", slow, 1, 1)) {
      assertThat(probe.read()).isEqualTo(DeviceReading.NOTHING);
      assertThat(probe.read()).isEqualTo(DeviceReading.NOTHING);
      hangs.countDown();
      DeviceReading last = probe.read();
      while (last.batteryWatts().isEmpty()) {
        last = probe.read();
      }
      assertThat(last.batteryWatts()).hasValue(7);
    }
  }

  @Test
  void aProbeThatFailsComplainsOnce() {
    DeviceProbe broken =
        new DeviceProbe() {
          @Override
          public DeviceReading read() {
            throw new IllegalStateException("no library");
          }

          @Override
          public List<Sensor> sensors() {
            throw new IllegalStateException("no library");
          }
        };
    try (BackgroundProbe probe = new BackgroundProbe("broken", broken, 5000)) {
      assertThat(probe.read()).isEqualTo(DeviceReading.NOTHING);
      assertThat(probe.read()).isEqualTo(DeviceReading.NOTHING);
      assertThat(probe.complaints()).singleElement().asString().contains("broken", "no library");
      assertThat(probe.sensors()).singleElement().extracting(Sensor::problem).isNotNull();
    }
  }
}
