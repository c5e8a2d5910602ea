package org.mobilefinetuner.energy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.testkit.Resources;

/** What is read from the files of sysfs: value, unit and sign. */
final class SysfsProbeTest {
  @TempDir Path temporary;

  /** A copy of a device's files, to be changed. */
  private Path device(String name) throws IOException {
    Path from = Resources.find("sysfs/" + name);
    Path to = temporary.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to.resolve("class");
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(requireNonNull(file.getParent()));
    Files.writeString(file, text + "\n");
  }

  private static SysfsProbe probe(Path classes) {
    return new SysfsProbe(requireNonNull(classes.getParent()));
  }

  private static DeviceReading read(Path classes) {
    return probe(classes).read();
  }

  @Test
  void aPhone() throws IOException {
    DeviceReading phone = read(device("phone"));
    assertThat(phone.batteryPercent()).hasValue(57);
    assertThat(phone.charging()).isFalse();
    assertThat(phone.batteryWatts().orElse(0)).isCloseTo(0.412 * 3.852, within(1e-9));
    assertThat(phone.batteryCelsius().orElse(0)).isCloseTo(31.4, within(1e-9));
    assertThat(phone.cpuCelsius()).as("the hottest").hasValue(54.8);
    assertThat(phone.energyJoules()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Discharging,-412000,1",
    "Discharging,412000,1",
    "Charging,412000,-1",
    "Charging,-412000,-1"
  })
  void theDirectionOfTheCurrentIsTheStatus(String status, String current, int sign)
      throws IOException {
    Path classes = device("phone");
    write(classes.resolve("power_supply/battery/status"), status);
    write(classes.resolve("power_supply/battery/current_now"), current);
    assertThat(read(classes).batteryWatts().orElse(0))
        .isCloseTo(sign * 0.412 * 3.852, within(1e-9));
  }

  @Test
  void whereTheStatusGivesNoDirectionThereIsNoPower() throws IOException {
    Path classes = device("phone");
    write(classes.resolve("power_supply/battery/status"), "Unknown");
    assertThat(read(classes).batteryWatts()).isEmpty();
  }

  @Test
  void aLaptop() throws IOException {
    Path classes = device("laptop");
    DeviceReading laptop = read(classes);
    assertThat(laptop.batteryPercent().orElse(0))
        .as("90 % of 40 Wh and 50 % of 10 Wh; the mouse does not count")
        .isCloseTo(82, within(1e-9));
    assertThat(laptop.charging()).isTrue();
    assertThat(laptop.batteryWatts()).as("one of two does not say").isEmpty();
    assertThat(laptop.batteryCelsius()).isEmpty();
    assertThat(laptop.cpuCelsius()).as("from hwmon, not the disk's").hasValue(61);

    write(classes.resolve("power_supply/BAT1/present"), "0");
    assertThat(read(classes).batteryWatts()).hasValue(-18.54);
  }

  @Test
  void aBoardWithoutBattery() throws IOException {
    DeviceReading board = read(device("board"));
    assertThat(board.batteryPercent()).isEmpty();
    assertThat(board.charging()).isNull();
    assertThat(board.cpuCelsius()).hasValue(47.236);
  }

  @Test
  void nothingAtAll() {
    SysfsProbe probe = new SysfsProbe(temporary.resolve("none"));
    assertThat(probe.read()).isEqualTo(DeviceReading.NOTHING);
    assertThat(probe.sensors()).extracting(Sensor::problem).containsOnly("no such file");
    assertThat(probe.complaints()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "power_supply/battery/capacity,255",
    "power_supply/battery/capacity,-1",
    "power_supply/battery/capacity,full",
    "power_supply/battery/temp,-1000",
    "power_supply/battery/current_now,99999999999",
    "power_supply/battery/current_now,99999999999999999999"
  })
  void whatIsAbsurdIsSaidOnceAndLeftOut(String file, String value) throws IOException {
    Path classes = device("phone");
    write(classes.resolve(file), value);
    SysfsProbe probe = probe(classes);
    DeviceReading first = probe.read();
    List<String> complaints = probe.complaints();
    assertThat(complaints).singleElement().asString().contains(file, "expected", "found");
    assertThat(probe.read()).isEqualTo(first);
    assertThat(probe.complaints()).as("once").isEmpty();
    List<OptionalDouble> values =
        List.of(first.batteryPercent(), first.batteryWatts(), first.cpuCelsius());
    assertThat(values.stream().filter(OptionalDouble::isPresent)).hasSizeGreaterThanOrEqualTo(2);
    assertThat(probe.sensors())
        .filteredOn(s -> s.source().endsWith(file))
        .singleElement()
        .satisfies(s -> assertThat(s.value()).isNull())
        .satisfies(s -> assertThat(s.problem()).contains("expected"));
  }

  @Test
  void aTemperatureThatCannotBe() throws IOException {
    Path classes = device("phone");
    write(classes.resolve("power_supply/battery/temp"), "-1000");
    assertThat(read(classes).batteryCelsius()).as("the zone's").hasValue(31.4);
    write(classes.resolve("thermal/thermal_zone2/temp"), "-274000");
    assertThat(read(classes).batteryCelsius()).isEmpty();
  }

  @Test
  void aFileThatDisappears() throws IOException {
    Path classes = device("phone");
    SysfsProbe probe = probe(classes);
    probe.read();
    Path capacity = classes.resolve("power_supply/battery/capacity");
    Files.delete(capacity);
    assertThat(probe.read().batteryPercent()).isEmpty();
    assertThat(probe.read().cpuCelsius()).hasValue(54.8);
    assertThat(probe.complaints()).containsExactly(capacity + ": no such file");
    write(capacity, "55");
    assertThat(probe.read().batteryPercent()).hasValue(55);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void countersOfEnergyStartAgain() throws IOException {
    Path classes = device("laptop");
    Path zone = classes.resolve("powercap/intel-rapl:0");
    write(zone.resolve("name"), "package-0");
    write(zone.resolve("max_energy_range_uj"), "262143328850");
    write(zone.resolve("energy_uj"), "262143000000");
    Path memory = classes.resolve("powercap/intel-rapl:0:1");
    write(memory.resolve("name"), "dram");
    write(memory.resolve("energy_uj"), "5000000");
    Path cores = classes.resolve("powercap/intel-rapl:0:0");
    write(cores.resolve("name"), "core"); // part of the package
    write(cores.resolve("energy_uj"), "0");

    SysfsProbe probe = probe(classes);
    assertThat(probe.read().energyJoules()).hasValue(0);
    write(zone.resolve("energy_uj"), "1000000");
    write(memory.resolve("energy_uj"), "5500000");
    write(cores.resolve("energy_uj"), "9000000");
    DeviceReading after = probe.read();
    assertThat(after.energyJoules().orElse(0)).isCloseTo(0.32885 + 1 + 0.5, within(1e-6));
    assertThat(after.energySource()).isEqualTo("RAPL package-0, dram");
  }
}
