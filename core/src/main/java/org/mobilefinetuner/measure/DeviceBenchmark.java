package org.mobilefinetuner.measure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;
import org.mobilefinetuner.measure.ProductSpeed.Layout;
import org.mobilefinetuner.metrics.ProcessMemory;

/**
 * A benchmark that is small enough for a phone: 20 MB of files and some 10 seconds. Its result says
 * all that is needed to compare it with others.
 */
public final class DeviceBenchmark {
  private static final int FORM = 1; // of the result

  private final Kernels kernels;
  private final Path scratch;
  private final @Nullable String device;

  /**
   * @param kernels what is measured, with its threads
   * @param scratch a folder for files that are deleted afterwards
   * @param device the name of the device, or null for what the system calls it
   */
  public DeviceBenchmark(Kernels kernels, Path scratch, @Nullable String device) {
    this.kernels = kernels;
    this.scratch = scratch;
    this.device = device;
  }

  /**
   * Measures: {@code device}, {@code backends}, {@code products} in GFLOP/s, {@code step} and
   * {@code peak_resident_bytes}.
   *
   * @throws IOException if the scratch folder cannot be written
   */
  public JsonObject run() throws IOException {
    List<JsonObject> products = new ArrayList<>();
    for (Layout layout : Layout.values()) {
      products.add(new ProductSpeed(layout, 256, 768, 768).measure(kernels));
    }
    JsonObject step = new StepSpeed(4, 64, 7).measure(kernels, scratch);
    long peak = new ProcessMemory().peakResidentBytes().orElse(0);
    return JsonObject.empty()
        .put("form", FORM)
        .put("device", DeviceFacts.of(device))
        .put("backends", backends())
        .put("backend", kernels.name())
        .put("threads", kernels.threads())
        .put("products", products)
        .put("step", step)
        .put("peak_resident_bytes", peak == 0 ? null : peak);
  }

  private static JsonObject backends() {
    JsonObject all = JsonObject.empty();
    for (KernelsProvider backend : Backends.all()) {
      String reason = backend.unavailable();
      all.put(backend.name(), reason == null ? "works" : reason);
    }
    return all;
  }
}
