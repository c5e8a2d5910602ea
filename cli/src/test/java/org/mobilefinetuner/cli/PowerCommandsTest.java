package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.io.JsonObject;

/** Sensors shown, policies tried out, and runs that are slowed down, stopped and continued. */
final class PowerCommandsTest {
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final Path DEVICES =
      Path.of(System.getProperty("mft.root", "..")).resolve("testkit/src/test/resources/sysfs");

  /** For all tests: a model, a text, and a run of six steps that nothing has disturbed. */
  @TempDir private static Path shared = Path.of("");

  @TempDir Path temporary;

  @BeforeAll
  static void prepareOnce() throws IOException {
    TinyModel.make(shared, true);
    Files.writeString(
        shared.resolve("notes.txt"), "The quick brown fox jumps over the lazy dog. ".repeat(40));
    assertThat(train(shared.resolve("whole")).code()).isZero();
  }

  private static Mft.Run train(Path to, Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                shared.resolve("model"),
                "--data",
                shared.resolve("notes.txt"),
                "--output-dir",
                to,
                "--max-seq-length",
                32,
                "--max-steps",
                6,
                "--learning-rate",
                "1e-2",
                "--lora-dropout",
                0.1));
    args.addAll(List.of(more));
    return Mft.run(args.toArray());
  }

  /** A copy of the phone's files with another charge and status. */
  private Path phone(int percent, String status) throws IOException {
    Path to = temporary.resolve("phone");
    Path from = DEVICES.resolve("phone");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.write(copy, Files.readAllBytes(file));
        }
      }
    }
    Path battery = to.resolve("class/power_supply/battery");
    Files.writeString(battery.resolve("capacity"), percent + "\n");
    Files.writeString(battery.resolve("status"), status + "\n");
    return to;
  }

  private static void sameResult(Path run) throws IOException {
    assertThat(run.resolve(WEIGHTS)).hasSameBinaryContentAs(shared.resolve("whole/" + WEIGHTS));
  }

  @Test
  void aRunThatIsSlowedDownEndsWithTheSameBits() throws IOException {
    Path output = temporary.resolve("out");
    Mft.Run run = train(output, "--sysfs-root", phone(40, "Discharging"), "--power-slowdown", 0.5);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("50 % of full speed", "battery at 40 %, threshold 60 %", "battery-threshold")
        .contains("J/step", "battery volts × amperes");
    sameResult(output);
  }

  @Test
  void atTheFloorARunSavesAndGoesOnWithTheSameBits() throws IOException {
    Path output = temporary.resolve("out");
    // Half a percent lasts for 7 ms, and a run as slow as this one takes longer.
    Mft.Run stopped =
        train(
            output,
            "--battery-floor",
            20,
            "--power-slowdown",
            0.9,
            "--simulate-device",
            "battery=21.5,capacity=0.2,speed=100");
    assertThat(stopped.code()).as(stopped.out() + stopped.err()).isEqualTo(75);
    assertThat(stopped.out()).contains("Stopped to save power, battery at", "floor 20 %");
    assertThat(output.resolve(WEIGHTS)).doesNotExist();
    assertThat(stopped.out()).contains("checkpoint-");

    Mft.Run resumed = train(output, "--battery-floor", 20, "--sysfs-root", phone(19, "Charging"));
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("Goes on after step");
    sameResult(output);
  }

  @Test
  void aBudgetOfEnergyEndsARunToo() throws IOException {
    Mft.Run run =
        train(
            temporary.resolve("out"),
            "--energy-budget",
            "1J",
            "--simulate-device",
            "work=1000,speed=1000");
    assertThat(run.code()).as(run.out() + run.err()).isEqualTo(75);
    assertThat(run.out()).contains("energy-budget", "(simulated)");
  }

  @Test
  void withoutSensorsAPolicySaysThatItHasNoEffect() {
    Path none = temporary.resolve("nothing");
    Mft.Run run = train(temporary.resolve("out"), "--sysfs-root", none, "--power-threshold", 60);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("battery-threshold needs to know the charge of a battery");
    assertThat(run.out()).contains("estimate: CPU time × 4 W per core");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--power-slowdown|0.99|0.95",
        "--power-threshold|101|101",
        "--power-check-steps|0|0",
        "--battery-floor|-1|-1",
        "--energy-budget|20 apples|20kJ",
        "--deadline|tomorrow|07:00",
        "--quiet-hours|22:00|22:00-07:00",
        "--max-temp|300|120",
        "--watts-per-core|-1|-1",
        "--simulate-device|batery=30|battery",
        "--simulate-device|battery=300|300",
        "--simulate-device|speed=0|speed",
      })
  void whatMakesNoSenseIsAWrongCommandLine(String option, String value, String named) {
    Mft.Run run = train(temporary.resolve("out"), option, value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(named);
  }

  @Test
  void waitingNeedsAFloor() {
    Mft.Run run = train(temporary.resolve("out"), "--wait-for-power");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--battery-floor");
  }

  @Test
  void doctorShowsSensors() throws IOException {
    Mft.Run phone = Mft.run("doctor", "--sysfs-root", DEVICES.resolve("phone"));
    assertThat(phone.out())
        .containsPattern("battery charge +57 % .*power_supply.battery.capacity")
        .containsPattern("battery temperature +31.400 °C")
        .doesNotContain("No battery");
    Mft.Run board = Mft.run("doctor", "--sysfs-root", DEVICES.resolve("board"));
    assertThat(board.out()).contains("No battery", "47.236 °C", "no such file");
    JsonObject json =
        JsonObject.parse(
            "out", Mft.run("doctor", "--json", "--sysfs-root", DEVICES.resolve("phone")).out());
    assertThat(json.objects("sensors"))
        .anySatisfy(
            sensor -> {
              assertThat(sensor.string("quantity")).isEqualTo("battery charge");
              assertThat(sensor.string("value")).isEqualTo("57 %");
              assertThat(sensor.string("source")).endsWith("capacity");
            });
  }

  @Test
  void watchPrintsReadings() throws IOException {
    Path phone = DEVICES.resolve("phone");
    Mft.Run text =
        Mft.run("power", "watch", "--sysfs-root", phone, "--count", 2, "--interval", 0.01);
    assertThat(text.out().lines().filter(line -> line.contains("battery 57 % without a charger")))
        .hasSize(2);
    Mft.Run json = Mft.run("power", "watch", "--sysfs-root", phone, "--count", 1, "--json");
    JsonObject line = JsonObject.parse("out", json.out());
    assertThat(line.number("battery_pct")).isEqualTo(57);
    assertThat(line.number("battery_watts")).isBetween(1.58, 1.59);
    assertThat(line.bool("charging", true)).isFalse();
    assertThat(Mft.run("power", "watch", "--interval", 0).code()).isEqualTo(2);
  }

  @Test
  void simulationsArePlotted() throws IOException {
    for (String form : List.of("svg", "html", "csv")) {
      Path file = temporary.resolve("trace." + form);
      Mft.Run run =
          Mft.run(
              "power",
              "simulate",
              "--power-threshold",
              60,
              "--simulate-device",
              "battery=61",
              "--steps",
              300,
              "--output",
              file);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out()).contains("battery at 59 %, threshold 60 %", "300 of 300 steps");
      String text = Files.readString(file);
      assertThat(text).contains(form.equals("csv") ? "seconds,battery_pct" : "<path d=");
      assertThat(text.lines().count()).isGreaterThan(20);
    }
    Mft.Run run = Mft.run("power", "simulate", "--output", temporary.resolve("trace.png"));
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void aDeviceMayBeAFile() throws IOException {
    Path file =
        Files.writeString(temporary.resolve("device.yaml"), "battery: 25\nplug_after: 1h\n");
    Mft.Run run =
        Mft.run(
            "power",
            "simulate",
            "--battery-floor",
            20,
            "--wait-for-power",
            "--simulate-device",
            file,
            "--steps",
            300,
            "--output",
            temporary.resolve("trace.csv"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("waits for a charger", "300 of 300 steps in 1:");
  }

  @Test
  void oshiAnswers() {
    OshiProbe probe = new OshiProbe();
    assertThat(probe.read().energyJoules()).isEmpty();
    assertThat(probe.sensors()).extracting(s -> s.source()).containsOnly("OSHI");
  }

  @Test
  void termuxTellsTheBattery() throws IOException {
    var reading =
        TermuxProbe.parse(
            JsonObject.parse(
                "termux",
                """
                {"health": "GOOD", "percentage": 84, "plugged": "UNPLUGGED",
                 "status": "DISCHARGING", "temperature": 29.8, "current": -326000, "voltage": 4123}
                """));
    assertThat(reading.batteryPercent()).hasValue(84);
    assertThat(reading.charging()).isFalse();
    assertThat(reading.batteryCelsius()).hasValue(29.8);
    assertThat(reading.batteryWatts().orElse(0)).isBetween(1.344, 1.345);
  }

  @Test
  void termuxThatDoesNotAnswerIsComplainedOfOnce() {
    TermuxProbe probe = new TermuxProbe(temporary.resolve("none"));
    assertThat(probe.read().batteryPercent()).isEmpty();
    assertThat(probe.read().batteryPercent()).isEmpty();
    assertThat(probe.complaints()).hasSize(1);
    assertThat(probe.sensors()).allSatisfy(s -> assertThat(s.problem()).isNotNull());
  }
}
