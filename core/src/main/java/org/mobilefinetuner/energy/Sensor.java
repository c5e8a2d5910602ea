package org.mobilefinetuner.energy;

import org.jspecify.annotations.Nullable;

/**
 * One sensor, for people to look at.
 *
 * @param quantity what it measures, such as {@code battery charge}
 * @param source the path of its file, or the name of what was asked
 * @param value with its unit, or null if there is none
 * @param problem why there is no value, or null
 */
public record Sensor(
    String quantity, String source, @Nullable String value, @Nullable String problem) {}
