package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/** Where the time of a step goes: kernels that note how long each call takes. */
final class KernelTimes implements InvocationHandler {
  private final Kernels kernels;
  private final Map<String, Sum> sums = new HashMap<>();
  private int steps;

  private static final class Sum {
    private long calls;
    private long nanos;
    private double flops;

    double seconds() {
      return nanos * 1e-9;
    }
  }

  KernelTimes(Kernels kernels) {
    this.kernels = kernels;
  }

  /** The same kernels, watched. Closing them closes the others. */
  Kernels watched() {
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, this);
  }

  /** Forgets what was before the first of {@code steps} steps. */
  void begin(int steps) {
    sums.clear();
    this.steps = steps;
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    long start = System.nanoTime();
    try {
      return method.invoke(kernels, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      if (arguments != null && Arrays.stream(arguments).anyMatch(Tensor.class::isInstance)) {
        add(method.getName(), arguments, System.nanoTime() - start);
      }
    }
  }

  private void add(String name, Object[] arguments, long nanos) {
    boolean product = name.startsWith("product");
    Sum sum =
        sums.computeIfAbsent(
            product ? name + " " + shape(name, arguments) : name, unknown -> new Sum());
    sum.calls++;
    sum.nanos += nanos;
    if (product) {
      sum.flops += 2.0 * ((Tensor) arguments[4]).size() * terms(name, arguments);
    }
  }

  /** The rows of C, the terms of its sums, and its columns. */
  private static String shape(String name, Object[] arguments) {
    Tensor c = (Tensor) arguments[4];
    return c.rows() + " x " + terms(name, arguments) + " x " + c.cols();
  }

  private static int terms(String name, Object[] arguments) {
    Matrix a = (Matrix) arguments[1];
    return name.endsWith("TN") ? a.rows() : a.cols();
  }

  private List<Map.Entry<String, Sum>> longestFirst() {
    return sums.entrySet().stream()
        .sorted(Comparator.comparingLong((Map.Entry<String, Sum> e) -> -e.getValue().nanos))
        .toList();
  }

  /** One object for each kernel: name, calls, seconds and GFLOP/s in a mean step. */
  List<JsonObject> json() {
    return longestFirst().stream()
        .map(
            entry -> {
              Sum sum = entry.getValue();
              return JsonObject.empty()
                  .put("kernel", entry.getKey())
                  .put("calls_per_step", (double) sum.calls / steps)
                  .put("seconds_per_step", sum.seconds() / steps)
                  .put("gflops", sum.flops == 0 ? null : 1e-9 * sum.flops / sum.seconds());
            })
        .toList();
  }

  /** Prints a row for each kernel; {@code seconds}: of all steps together. */
  void print(double seconds, PrintWriter out) {
    Table table = new Table("kernel", ">calls", ">ms/step", ">share", ">GFLOP/s");
    double inside = 0;
    for (Map.Entry<String, Sum> entry : longestFirst()) {
      Sum sum = entry.getValue();
      inside += sum.seconds();
      table.row(
          entry.getKey(),
          number("%.0f", (double) sum.calls / steps),
          number("%.2f", 1e3 * sum.seconds() / steps),
          number("%.1f %%", 100 * sum.seconds() / seconds),
          sum.flops == 0 ? "" : number("%.0f", 1e-9 * sum.flops / sum.seconds()));
    }
    double outside = seconds - inside;
    table.row(
        "(outside kernels)",
        "",
        number("%.2f", 1e3 * outside / steps),
        number("%.1f %%", 100 * outside / seconds),
        "");
    table.print(out);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
