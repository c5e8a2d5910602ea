package org.mobilefinetuner.android;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** The command line of {@code app_process} in a process of its own, without Android. */
@NullMarked
final class ShellProcess {
  private ShellProcess() {}

  static Process start(Object... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx128m");
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(withoutAndroid());
    command.add("org.mobilefinetuner.android.shell.Main");
    for (Object word : words) {
      command.add(word.toString());
    }
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String withoutAndroid() {
    List<String> kept = new ArrayList<>();
    for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!element.contains("robolectric")) {
        kept.add(element);
      }
    }
    return String.join(File.pathSeparator, kept);
  }

  /** Waits until the process has printed a line that begins so. */
  static void awaitLine(Process process, String beginning) throws IOException {
    StringBuilder printed = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(beginning)) {
          return;
        }
        printed.append(line).append('\n');
      }
    }
    throw new AssertionError("expected a line \"" + beginning + "...\", found\n" + printed);
  }
}
