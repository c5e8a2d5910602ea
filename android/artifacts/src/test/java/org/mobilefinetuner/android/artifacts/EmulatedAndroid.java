package org.mobilefinetuner.android.artifacts;

import com.github.unidbg.AndroidEmulator;
import com.github.unidbg.Module;
import com.github.unidbg.linux.android.AndroidEmulatorBuilder;
import com.github.unidbg.linux.android.AndroidResolver;
import com.github.unidbg.linux.android.dvm.DvmClass;
import com.github.unidbg.linux.android.dvm.VM;
import com.github.unidbg.linux.android.dvm.array.FloatArray;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A process for arm64 as Android starts it, emulated: its linker has loaded the library, and its
 * functions are called through JNI.
 */
final class EmulatedAndroid implements AutoCloseable {
  private static final String JAVA = "org.mobilefinetuner.jni.Library";

  private final AndroidEmulator emulator =
      AndroidEmulatorBuilder.for64Bit().setProcessName("org.mobilefinetuner.app").build();
  private final VM vm;
  private final Module module;
  private final DvmClass library;

  EmulatedAndroid(Path file) {
    emulator.getMemory().setLibraryResolver(new AndroidResolver(23));
    vm = emulator.createDalvikVM();
    module = vm.loadLibrary(new File(file.toString()), false).getModule();
    library = vm.resolveClass(JAVA.replace('.', '/'));
  }

  /** An array of the emulated process. */
  FloatArray array(float... values) {
    FloatArray array = new FloatArray(vm, values.clone());
    vm.addLocalObject(array);
    return array;
  }

  /** The address of memory of the process. */
  long allocate(long floats) {
    return emulator.getMemory().malloc((int) (4 * floats), true).getPointer().peer;
  }

  /** A plain function of C. */
  long function(String name) {
    return module.callFunction(emulator, name).longValue();
  }

  /** Calls a native method that returns nothing. */
  void call(String method, Object... arguments) {
    library.callStaticJniMethod(emulator, method + descriptor(method), promoted(arguments));
  }

  int callInt(String method, Object... arguments) {
    return library.callStaticJniMethodInt(
        emulator, method + descriptor(method), promoted(arguments));
  }

  long callLong(String method, Object... arguments) {
    return library.callStaticJniMethodLong(
        emulator, method + descriptor(method), promoted(arguments));
  }

  private static String descriptor(String name) {
    try {
      for (Method method : Class.forName(JAVA).getDeclaredMethods()) {
        if (method.getName().equals(name)) {
          return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
              .toMethodDescriptorString();
        }
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalArgumentException("expected a native method of " + JAVA + ", found " + name);
  }

  /** As JNI passes them: a boolean is a number, and there is an object or null. */
  private static Object[] promoted(Object[] arguments) {
    return Arrays.stream(arguments)
        .map(argument -> argument instanceof Boolean truth ? (truth ? 1 : 0) : argument)
        .toArray();
  }

  @Override
  public void close() throws IOException {
    emulator.close();
  }
}
