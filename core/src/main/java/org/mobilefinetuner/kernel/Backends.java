package org.mobilefinetuner.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The backends on the class path, the best first, the scalar one last. */
public final class Backends {
  private Backends() {}

  /** All providers, also those that cannot be used here. */
  public static List<KernelsProvider> all() {
    List<KernelsProvider> providers = new ArrayList<>();
    for (KernelsProvider provider :
        ServiceLoader.load(KernelsProvider.class, Backends.class.getClassLoader())) {
      providers.add(provider);
    }
    providers.add(new Scalar());
    providers.sort(Comparator.comparingInt(KernelsProvider::priority).reversed());
    return providers;
  }

  /** The best backend that can be used here. */
  public static Kernels best(int threads) {
    for (KernelsProvider provider : all()) {
      if (provider.unavailable() == null) {
        return provider.create(threads);
      }
    }
    return new ScalarKernels();
  }

  /**
   * The backend called {@code name}.
   *
   * @throws IllegalArgumentException if there is none of that name, or it cannot be used here
   */
  public static Kernels named(String name, int threads) {
    List<String> names = new ArrayList<>();
    for (KernelsProvider provider : all()) {
      names.add(provider.name());
      if (provider.name().equals(name)) {
        String reason = provider.unavailable();
        if (reason != null) {
          throw new IllegalArgumentException("backend " + name + " cannot be used: " + reason);
        }
        return provider.create(threads);
      }
    }
    throw new IllegalArgumentException(
        "expected a backend among " + names + ", found \"" + name + "\"");
  }

  private static final class Scalar implements KernelsProvider {
    @Override
    public String name() {
      return "scalar";
    }

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public @Nullable String unavailable() {
      return null;
    }

    @Override
    public Kernels create(int threads) {
      return new ScalarKernels();
    }
  }
}
