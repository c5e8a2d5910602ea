package org.mobilefinetuner.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The sums of the files of a folder, in the file that {@code sha256sum -c} checks. */
public final class Sha256Sums {
  public static final String NAME = "SHA256SUMS";

  private static final int CHUNK = 1 << 20;

  private Sha256Sums() {}

  /** Lists all files of the folder, but not those of folders in it. */
  public static void write(Path folder) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(Files::isRegularFile).forEach(file -> files.put("" + file.getFileName(), file));
    }
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      lines.append(of(file.getValue())).append("  ").append(file.getKey()).append('\n');
    }
    AtomicFile.write(folder.resolve(NAME), lines.toString());
  }

  /**
   * Checks every file that is listed.
   *
   * @param required what must be among them
   * @return the names that are listed
   * @throws FormatException that names a file that is missing or has other bytes
   */
  public static Collection<String> verify(Path folder, Collection<String> required)
      throws IOException {
    Map<String, String> sums = read(folder);
    for (String name : required) {
      if (!sums.containsKey(name)) {
        throw new FormatException(
            folder + ": expected " + name + " in " + NAME + ", found " + sums.keySet());
      }
    }
    for (Map.Entry<String, String> sum : sums.entrySet()) {
      Path file = folder.resolve(sum.getKey());
      if (!Files.isRegularFile(file)) {
        throw new FormatException(folder + ": expected the file " + sum.getKey() + ", found none");
      }
      if (!of(file).equals(sum.getValue())) {
        throw new FormatException(
            folder + ": " + sum.getKey() + " has other bytes than when it was written");
      }
    }
    return sums.keySet();
  }

  private static Map<String, String> read(Path folder) throws IOException {
    Path list = folder.resolve(NAME);
    if (!Files.isRegularFile(list)) {
      throw new FormatException(folder + ": expected the file " + NAME + ", found none");
    }
    Map<String, String> sums = new TreeMap<>();
    for (String line : TextFile.read(list).split("\n", -1)) {
      String[] parts = line.split("  ", 2);
      if (parts.length == 2 && parts[1].indexOf('/') < 0) {
        sums.put(parts[1], parts[0]);
      }
    }
    return sums;
  }

  private static String of(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
      }
    }
    return hex(digest.digest());
  }

  /** A SHA-256 to be filled; every Java and Android has it. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Bytes as lower-case hexadecimal digits. */
  public static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder(2 * bytes.length);
    for (byte b : bytes) {
      text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    return text.toString();
  }
}
