package org.mobilefinetuner.android.artifacts;

import com.reandroid.dex.model.DexFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Where the build has put what it made, and what tests want to know of zip files. */
final class Built {
  static final Path ROOT = Path.of(System.getProperty("mft.root", "../..")).normalize();
  static final String LIBRARY = "libmft.so";

  private static final int LOCAL_HEADER = 30; // bytes, before the name

  private Built() {}

  static Path sdk(String suffix) {
    return android("sdk/target/mft-android-", suffix);
  }

  static Path apk() {
    return android("app/target/mft-android-app-", ".apk");
  }

  private static Path android(String name, String suffix) {
    return ROOT.resolve("android/" + name + System.getProperty("mft.version") + suffix);
  }

  /** The library for arm64 as it is in the repository. */
  static Path library() {
    return ROOT.resolve("native/src/main/resources/org/mobilefinetuner/jni/libmft-arm64.so");
  }

  static byte[] bytes(Path zip, String name) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      return file.getInputStream(entry(file, name)).readAllBytes();
    }
  }

  static Set<String> names(Path zip) throws IOException {
    Set<String> names = new HashSet<>();
    try (ZipFile file = new ZipFile(zip.toFile())) {
      file.stream()
          .filter(entry -> !entry.isDirectory())
          .forEach(entry -> names.add(entry.getName()));
    }
    return names;
  }

  static boolean isStored(Path zip, String name) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      return entry(file, name).getMethod() == ZipEntry.STORED;
    }
  }

  private static ZipEntry entry(ZipFile file, String name) throws IOException {
    ZipEntry entry = file.getEntry(name);
    if (entry == null) {
      throw new IOException("expected " + name + " in " + file.getName() + ", found none");
    }
    return entry;
  }

  /**
   * Where the bytes of a stored entry begin: its content is looked for behind each local header.
   */
  static long offset(Path zip, String name) throws IOException {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel = FileChannel.open(zip)) {
      ByteBuffer file =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int at = 0; at + LOCAL_HEADER + wanted.length < file.limit(); at++) {
        if (file.getInt(at) == 0x04034b50 && file.getShort(at + 26) == wanted.length) {
          byte[] found = new byte[wanted.length];
          file.duplicate().position(at + LOCAL_HEADER).get(found);
          if (Arrays.equals(found, wanted)) {
            return (long) at + LOCAL_HEADER + wanted.length + file.getShort(at + 28);
          }
        }
      }
    }
    throw new IOException("expected a local header of " + name + " in " + zip + ", found none");
  }

  /** The classes that {@code classes.dex} of an archive defines, as {@code org/name/Of}. */
  static Set<String> classes(Path zip) throws IOException {
    Set<String> names = new HashSet<>();
    DexFile dex = DexFile.read(bytes(zip, "classes.dex"));
    dex.getDexClasses()
        .forEachRemaining(
            type -> {
              String name = type.getKey().getTypeName();
              names.add(name.substring(1, name.length() - 1));
            });
    return names;
  }

  static byte[] committedLibrary() throws IOException {
    return Files.readAllBytes(library());
  }
}
