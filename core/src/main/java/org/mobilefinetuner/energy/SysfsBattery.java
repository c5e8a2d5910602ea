package org.mobilefinetuner.energy;

import java.nio.file.Path;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One battery of {@code /sys/class/power_supply}, as in the kernel's {@code
 * Documentation/ABI/testing/sysfs-class-power}: charge in percent, current in µA, voltage in µV,
 * power in µW, energy in µWh, temperature in tenths of a degree.
 *
 * <p>That document says that the current of a battery is negative while it is discharged, but it
 * says so since 2020 only: there are drivers with the opposite sign and drivers without one. So the
 * size is taken from the current and the direction from the status.
 *
 * @param percent of the full charge
 * @param status the kernel's word: Charging, Discharging, Not charging, Full or Unknown
 * @param watts drawn from the battery; negative while it is filled
 * @param celsius its temperature
 * @param size how much it holds when full, to weigh several batteries; NaN if not known
 */
record SysfsBattery(
    OptionalDouble percent,
    @Nullable String status,
    OptionalDouble watts,
    OptionalDouble celsius,
    double size) {
  static SysfsBattery read(SysfsFiles files, Path folder) {
    String status = files.word("battery status", folder.resolve("status"));
    OptionalDouble energy =
        files.number("battery when full", folder.resolve("energy_full"), Quantity.MICROWATT_HOURS);
    OptionalDouble size =
        energy.isPresent()
            ? energy
            : files.number(
                "battery when full", folder.resolve("charge_full"), Quantity.MICROAMPERE_HOURS);
    return new SysfsBattery(
        files.number("battery charge", folder.resolve("capacity"), Quantity.PERCENT),
        status,
        watts(files, folder, status),
        files.number("battery temperature", folder.resolve("temp"), Quantity.TENTHS_OF_A_DEGREE),
        size.orElse(Double.NaN));
  }

  private static OptionalDouble watts(SysfsFiles files, Path folder, @Nullable String status) {
    OptionalDouble current =
        files.number("battery current", folder.resolve("current_now"), Quantity.MICROAMPERES);
    OptionalDouble voltage =
        files.number("battery voltage", folder.resolve("voltage_now"), Quantity.MICROVOLTS);
    OptionalDouble power =
        current.isPresent() && voltage.isPresent()
            ? OptionalDouble.of(current.getAsDouble() * voltage.getAsDouble())
            : files.number("battery power", folder.resolve("power_now"), Quantity.MICROWATTS);
    if (power.isEmpty() || status == null) {
      return OptionalDouble.empty();
    }
    double size = Math.abs(power.getAsDouble());
    return switch (status) {
      case "Discharging" -> OptionalDouble.of(size);
      case "Charging" -> OptionalDouble.of(-size);
      default -> OptionalDouble.empty(); // the direction is not known
    };
  }
}
