package org.mobilefinetuner.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.plan.MemoryPlan;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What the launcher asks a small virtual machine before it starts the real one: {@code limits train
 * --memory-budget ...} prints Java's options for that command.
 */
final class Limits {
  static final String COMMAND = "limits";

  private Limits() {}

  /** Prints the options, a line each, and returns an exit code. */
  static int print(CommandLine root, String... args) {
    List<String> rest = Arrays.asList(args).subList(1, args.length);
    try {
      Planned planned = planned(Main.parse(root, rest));
      @Nullable MemoryPlan plan = planned == null ? null : planned.plan();
      if (planned != null && plan != null) {
        options(plan.heapWithin(planned.budgetBytes())).forEach(System.out::println);
      }
      return 0;
    } catch (ParameterException e) {
      return new Failures(false).usage(e, rest);
    } catch (IOException e) {
      return new Failures(false).run(e, root);
    }
  }

  private static @Nullable Planned planned(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    boolean help = last.isUsageHelpRequested() || last.isVersionHelpRequested();
    return !help && last.commandSpec().userObject() instanceof Planned planned ? planned : null;
  }

  private static List<String> options(long heapBytes) {
    long kib = heapBytes / (1L << 10);
    return List.of("-Xmx" + kib + "k", "-Xss512k", "-XX:CICompilerCount=2");
  }
}
