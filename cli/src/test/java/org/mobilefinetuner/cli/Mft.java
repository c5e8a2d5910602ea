package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import picocli.CommandLine;

/** Runs the command {@code mft} in this process. */
final class Mft {
  /** A folder with a model of 28,192 weights and what PyTorch computed with it. */
  static final Path GOLDEN =
      Path.of(System.getProperty("mft.root", ".."))
          .resolve("testkit/src/test/resources/golden/tiny-gpt2");

  /** What a command has printed, and its exit code. */
  record Run(int code, String out, String err) {}

  private Mft() {}

  static Run run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    String[] words = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      words[i] = args[i].toString();
    }
    int code = Main.run(command, words);
    command.getOut().flush();
    command.getErr().flush();
    return new Run(code, out.toString(), err.toString());
  }
}
