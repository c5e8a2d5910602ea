package org.mobilefinetuner.energy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The batteries and chargers of {@code /sys/class/power_supply} together. Batteries of mice and
 * headphones ({@code scope} Device) are not counted.
 */
final class SysfsSupplies {
  private final List<SysfsBattery> batteries = new ArrayList<>();
  private boolean charger;
  private boolean online;

  SysfsSupplies(SysfsFiles files) {
    for (Path folder : files.folders("power_supply", "")) {
      String type = files.word("power supply", folder.resolve("type"));
      if ("Battery".equals(type)) {
        boolean absent = "0".equals(files.word("battery present", folder.resolve("present")));
        if (!absent && !"Device".equals(files.word("battery of", folder.resolve("scope")))) {
          batteries.add(SysfsBattery.read(files, folder));
        }
      } else if (type != null) {
        String word = files.word("charger connected", folder.resolve("online"));
        charger |= word != null;
        online |= word != null && !word.equals("0"); // 1 fixed, 2 programmable
      }
    }
  }

  /** Of all batteries together, larger ones counting for more where sizes are known. */
  OptionalDouble percent() {
    double sum = 0;
    double weights = 0;
    boolean sizes = batteries.stream().noneMatch(b -> Double.isNaN(b.size()));
    for (SysfsBattery battery : batteries) {
      if (battery.percent().isPresent()) {
        double weight = sizes ? battery.size() : 1;
        sum += weight * battery.percent().getAsDouble();
        weights += weight;
      }
    }
    return weights > 0 ? OptionalDouble.of(sum / weights) : OptionalDouble.empty();
  }

  /** Whether a battery is filled or the device runs on mains; null if that is not known. */
  @Nullable Boolean charging() {
    if (is("Discharging")) {
      return false;
    }
    if (is("Charging") || is("Full") || online) {
      return true;
    }
    return charger || is("Not charging") ? Boolean.FALSE : null;
  }

  private boolean is(String status) {
    return batteries.stream().anyMatch(b -> status.equals(b.status()));
  }

  /** Drawn from all batteries; none if one of them does not say. */
  OptionalDouble watts() {
    boolean known = !batteries.isEmpty();
    double sum = 0;
    for (SysfsBattery battery : batteries) {
      known &= battery.watts().isPresent();
      sum += battery.watts().orElse(0);
    }
    return known ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }

  /** The warmest battery's. */
  OptionalDouble celsius() {
    return warmest(batteries, SysfsBattery::celsius);
  }

  static <T> OptionalDouble warmest(List<T> all, Function<T, OptionalDouble> celsius) {
    OptionalDouble most = OptionalDouble.empty();
    for (T one : all) {
      OptionalDouble value = celsius.apply(one);
      if (value.isPresent() && value.getAsDouble() > most.orElse(Double.NEGATIVE_INFINITY)) {
        most = value;
      }
    }
    return most;
  }
}
