package org.mobilefinetuner.android.artifacts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An {@code adb} whose phone is a folder, and a {@code dalvikvm64} that is a JVM. */
final class FakePhone {
  private static final String ADB =
      """
      #!/bin/sh
      command=$1; shift
      case $command in
        shell) exec sh -c "$*" ;;
        push) exec cp "$1" "$2" ;;
        pull) exec cp -r "$1" "$2" ;;
      esac
      """;

  private static final String GETPROP =
      """
      #!/bin/sh
      echo "value-of-$1"
      """;

  /** The dex jar holds no class files: those of the same program are run. */
  private static final String VM =
      """
      #!/bin/bash
      words=()
      for word; do
        case $word in
          */mft-dex.jar) [[ -s $word ]] && word=@PROGRAM@ ;;
        esac
        words+=("$word")
      done
      exec @JAVA@ -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED "${words[@]}"
      """;

  private final Path tools;
  private final Path storage;

  FakePhone(Path folder) throws IOException {
    tools = Files.createDirectory(folder.resolve("bin"));
    storage = folder.resolve("phone's storage");
    tool("adb", ADB);
    tool("getprop", GETPROP);
    tool(
        "dalvikvm64",
        VM.replace("@PROGRAM@", Path.of("target/desugared.jar").toAbsolutePath().toString())
            .replace("@JAVA@", Path.of(System.getProperty("java.home"), "bin/java").toString()));
  }

  private void tool(String name, String script) throws IOException {
    Path file = Files.writeString(tools.resolve(name), script);
    if (!file.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + file + " executable");
    }
  }

  Path storage() {
    return storage;
  }

  /** What {@code tools/adb/mft-adb} has ended with and printed. */
  record Outcome(int code, String text) {}

  Outcome run(Object... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Built.ROOT.resolve("tools/adb/mft-adb").toString());
    for (Object word : words) {
      command.add(word.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
    builder.environment().put("MFT_REMOTE", storage.toString());
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), text);
  }
}
