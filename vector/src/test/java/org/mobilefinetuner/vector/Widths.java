package org.mobilefinetuner.vector;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.KernelsProvider;

/**
 * Loads the backend a second time, for another width of vectors: the width is a constant of a
 * loaded class.
 */
final class Widths {
  private Widths() {}

  static KernelsProvider provider(int bits) {
    ClassLoader loader = new Loader();
    String before = System.getProperty(Lanes.BITS_PROPERTY);
    System.setProperty(Lanes.BITS_PROPERTY, Integer.toString(bits));
    try {
      Class.forName(Lanes.class.getName(), true, loader);
      Class<?> provider = Class.forName(VectorKernelsProvider.class.getName(), true, loader);
      return (KernelsProvider) provider.getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } finally {
      if (before == null) {
        System.clearProperty(Lanes.BITS_PROPERTY);
      } else {
        System.setProperty(Lanes.BITS_PROPERTY, before);
      }
    }
  }

  /** Has classes of this package of its own. */
  private static final class Loader extends ClassLoader {
    Loader() {
      super(Widths.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded == null && name.startsWith(Widths.class.getPackageName() + ".")) {
          loaded = define(name);
        }
        return loaded == null ? super.loadClass(name, resolve) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (@Nullable InputStream in = getParent().getResourceAsStream(file)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
