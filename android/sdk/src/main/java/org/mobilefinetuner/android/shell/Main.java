package org.mobilefinetuner.android.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.DeviceBackends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.measure.DeviceBenchmark;

/**
 * The command line on a phone:
 *
 * <pre>{@code
 * CLASSPATH=/data/local/tmp/mft.jar app_process /data/local/tmp \
 *     org.mobilefinetuner.android.shell.Main train --model m --data d.jsonl --output-dir out
 * }</pre>
 *
 * <p>Options are called as in {@code mft}. Exit codes: 0 done, 1 the run failed, 2 the command line
 * is wrong, 75 a power option has ended the run. The same command goes on with such a run, and with
 * one whose process was killed.
 */
public final class Main {
  private static final String HELP =
      """
      usage: COMMAND --option value ...
        train      --model DIR --data FILE|DIR --output-dir DIR, and the options of mft train
        eval       --model DIR --data FILE [--adapter DIR] [--context N]
        verify     --model DIR --golden FILE [--adapter DIR]
        generate   --model DIR --prompt TEXT [--adapter DIR] [--max-new-tokens N]
        doctor     what this device offers
        bench device [--device NAME] [--threads N]: figures of this device, as JSON
        bench step --model DIR [--batch-size N] [--max-seq-length N] [--steps N] [--lora-rank R]
      """;

  private Main() {}

  public static void main(String[] args) {
    int code = run(Arrays.asList(args), System.out, System.err);
    System.out.flush();
    Runtime.getRuntime().exit(code); // app_process waits for its binder threads
  }

  /** Runs a command; gives the exit code. */
  static int run(List<String> words, PrintStream out, PrintStream err) {
    try {
      return command(words, out);
    } catch (Arguments.UsageException | IllegalArgumentException e) {
      err.println("error: " + e.getMessage());
      return 2;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      err.println("error: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
      return 1;
    }
  }

  private static int command(List<String> words, PrintStream out) throws IOException {
    String name = words.isEmpty() ? "--help" : words.get(0);
    boolean bench = name.equals("bench") && words.size() > 1;
    if (bench) {
      name += " " + words.get(1);
    }
    List<String> options = words.subList(Math.min(words.size(), bench ? 2 : 1), words.size());
    switch (name) {
      case "--help", "help" -> out.print(HELP);
      case "train" -> {
        return new TrainCommand(out).run(new Arguments(options));
      }
      case "eval" -> new ModelCommands(out).eval(new Arguments(options));
      case "verify" -> {
        return new ModelCommands(out).verify(new Arguments(options)) ? 0 : 1;
      }
      case "generate" -> new ModelCommands(out).generate(new Arguments(options));
      case "doctor" -> Doctor.print(out);
      case "bench device" -> device(new Arguments(options), out);
      case "bench step" -> new StepBenchmark(out).run(new Arguments(options));
      default ->
          throw new Arguments.UsageException(
              "expected train, eval, verify, generate, doctor, bench device or bench step, found "
                  + name
                  + "; see --help");
    }
    return 0;
  }

  private static void device(Arguments arguments, PrintStream out) throws IOException {
    int threads = arguments.whole("threads", Runtime.getRuntime().availableProcessors());
    @Nullable String name = arguments.textOrNull("device");
    arguments.requireNoMore();
    Path scratch = Paths.get(System.getProperty("java.io.tmpdir"));
    try (Kernels kernels = DeviceBackends.best(threads)) {
      out.println(new DeviceBenchmark(kernels, scratch, name).run());
    }
  }
}
