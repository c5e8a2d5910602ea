package org.mobilefinetuner.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The backends on the class path and those that were added, the best first; those in plain Java are
 * always there.
 */
public final class Backends {
  private static final List<KernelsProvider> ADDED = new CopyOnWriteArrayList<>();
  private static final KernelsProvider PORTABLE =
      new PlainJava("portable", 10, PortableKernels::new);

  private Backends() {}

  /**
   * Makes a backend known where {@link ServiceLoader} finds none: Android's build tools leave
   * {@code META-INF/services} behind. One of a name that is known already changes nothing.
   */
  public static synchronized void add(KernelsProvider provider) {
    if (all().stream().noneMatch(known -> known.name().equals(provider.name()))) {
      ADDED.add(provider);
    }
  }

  /** All providers, also those that cannot be used here. */
  public static List<KernelsProvider> all() {
    List<KernelsProvider> providers = new ArrayList<>(ADDED);
    for (KernelsProvider provider :
        ServiceLoader.load(KernelsProvider.class, Backends.class.getClassLoader())) {
      providers.add(provider);
    }
    providers.add(PORTABLE);
    providers.add(new PlainJava("scalar", 0, threads -> new ScalarKernels()));
    providers.sort(Comparator.comparingInt(KernelsProvider::priority).reversed());
    return providers;
  }

  /** The best backend that can be used here. */
  public static Kernels best(int threads) {
    return best().create(threads);
  }

  /** The provider of the best backend that can be used here. */
  public static KernelsProvider best() {
    for (KernelsProvider provider : all()) {
      if (provider.unavailable() == null) {
        return provider;
      }
    }
    return PORTABLE;
  }

  /**
   * The backend called {@code name}.
   *
   * @throws IllegalArgumentException if there is none of that name, or it cannot be used here
   */
  public static Kernels named(String name, int threads) {
    return named(name).create(threads);
  }

  /**
   * The provider of the backend called {@code name}.
   *
   * @throws IllegalArgumentException if there is none of that name, or it cannot be used here
   */
  public static KernelsProvider named(String name) {
    List<String> names = new ArrayList<>();
    for (KernelsProvider provider : all()) {
      names.add(provider.name());
      if (provider.name().equals(name)) {
        String reason = provider.unavailable();
        if (reason != null) {
          throw new IllegalArgumentException("backend " + name + " cannot be used: " + reason);
        }
        return provider;
      }
    }
    throw new IllegalArgumentException(
        "expected a backend among " + names + ", found \"" + name + "\"");
  }

  /** A backend that needs nothing but Java. */
  private record PlainJava(String name, int priority, IntFunction<Kernels> maker)
      implements KernelsProvider {
    @Override
    public @Nullable String unavailable() {
      return null;
    }

    @Override
    public Kernels create(int threads) {
      return maker.apply(threads);
    }
  }
}
