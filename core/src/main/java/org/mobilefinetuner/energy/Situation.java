package org.mobilefinetuner.energy;

import java.time.LocalDateTime;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * What a policy decides on.
 *
 * @param device its latest reading
 * @param time on the wall
 * @param nanos the same for measuring, since an arbitrary moment
 * @param stepsLeft of the run
 * @param stepSeconds what a step takes at full speed with all that belongs to it; 0 if not known
 */
public record Situation(
    DeviceReading device, LocalDateTime time, long nanos, int stepsLeft, double stepSeconds) {}
