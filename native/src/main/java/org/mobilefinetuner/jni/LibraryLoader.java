package org.mobilefinetuner.jni;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Finds and loads the library for this machine, once.
 *
 * <p>The file at the system property {@value #PROPERTY}, if that is set; on Android the library
 * {@code libmft.so} of the app; else the one of this jar for the processor, which is copied to a
 * temporary file, compared with its checksum there, and deleted once it is loaded.
 */
final class LibraryLoader {
  static final String PROPERTY = "mft.native.library";
  static final String CHECKSUMS = "checksums";

  private static @Nullable String failure;
  private static boolean tried;

  private LibraryLoader() {}

  /** Loads the library; returns why that is not possible, or null once it is loaded. */
  static synchronized @Nullable String load() {
    if (!tried) {
      try {
        failure = loadOnce();
      } catch (IOException | UnsatisfiedLinkError e) {
        failure =
            String.format(
                Locale.ROOT,
                "the library could not be loaded (%s); -D%s=FILE names another place for it",
                e.getMessage(),
                PROPERTY);
      }
      tried = true;
    }
    return failure;
  }

  private static @Nullable String loadOnce() throws IOException {
    String path = System.getProperty(PROPERTY);
    if (path != null) {
      System.load(Paths.get(path).toAbsolutePath().toString());
      return null;
    }
    String reason = Processor.current().unsupported();
    if (reason != null) {
      return reason;
    }
    if ("Dalvik".equals(System.getProperty("java.vm.name"))) {
      System.loadLibrary("mft");
      return null;
    }
    return loadResource(Processor.current().library());
  }

  private static @Nullable String loadResource(String name) throws IOException {
    byte[] library = resource(name);
    if (library == null) {
      return "this build has no " + name + "; native/build.sh makes it";
    }
    Path file = Files.createTempFile("libmft", ".so");
    try {
      Files.write(file, library);
      String found = checksum(Files.readAllBytes(file));
      String wanted = wantedChecksum(name);
      if (!found.equals(wanted)) {
        return String.format(
            Locale.ROOT,
            "%s: expected the checksum %s, found %s; build it again with native/build.sh",
            name,
            wanted,
            found);
      }
      System.load(file.toString());
      return null;
    } finally {
      delete(file);
    }
  }

  /** What is loaded stays, also when its file is gone. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  /** The checksum that this jar has for {@code name}, or null. */
  static @Nullable String wantedChecksum(String name) throws IOException {
    byte[] sums = resource(CHECKSUMS);
    if (sums == null) {
      return null;
    }
    StringTokenizer words = new StringTokenizer(new String(sums, StandardCharsets.US_ASCII));
    while (words.hasMoreTokens()) {
      String sum = words.nextToken();
      if (words.nextToken().equals(name)) {
        return sum;
      }
    }
    return null;
  }

  /** SHA-256, in hexadecimal digits. */
  static String checksum(byte[] bytes) {
    try {
      StringBuilder digits = new StringBuilder();
      for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes)) {
        digits.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
      }
      return digits.toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The bytes of a file beside this class, or null. */
  static byte @Nullable [] resource(String name) throws IOException {
    try (InputStream in = LibraryLoader.class.getResourceAsStream(name)) {
      if (in == null) {
        return null;
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 14];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
      return out.toByteArray();
    }
  }
}
