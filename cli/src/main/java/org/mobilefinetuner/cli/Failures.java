package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Tells a user in one line what went wrong; exit code 2 for a wrong command line, 1 for all else.
 *
 * <p>A stack trace is shown only with {@code --stacktrace} or {@code MFT_DEBUG=1}.
 */
final class Failures {
  private final boolean stackTraces;

  Failures(boolean stackTraces) {
    this.stackTraces = stackTraces;
  }

  /** Reports a wrong command line, {@code args}. */
  int usage(ParameterException e, List<String> args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    err.println(name + ": " + oneLine(message(e, args)));
    err.println("See " + name + " --help.");
    trace(e, err);
    return CommandLine.ExitCode.USAGE;
  }

  /** Reports a run that has failed. */
  int run(Throwable e, CommandLine command) {
    PrintWriter err = command.getErr();
    err.println(command.getCommandSpec().qualifiedName() + ": " + oneLine(message(e)));
    trace(e, err);
    return CommandLine.ExitCode.SOFTWARE;
  }

  private void trace(Throwable e, PrintWriter err) {
    if (stackTraces) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  private static String message(ParameterException e, List<String> args) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    @Nullable String unknown = unknownOption(spec, args);
    if (e instanceof MissingParameterException && unknown != null) {
      return unknown; // what is missing has probably been misspelled
    }
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return String.valueOf(e.getMessage()).replaceFirst("^Error: ", "");
    }
    String first = unmatched.getUnmatched().get(0);
    if (first.startsWith("-")) {
      return unknown(first, spec);
    }
    List<String> commands = List.copyOf(spec.subcommands().keySet());
    return commands.isEmpty()
        ? "unexpected argument \"" + first + "\""
        : "unknown command \"" + first + "\"" + Suggestions.nearest(first, commands);
  }

  private static @Nullable String unknownOption(CommandSpec spec, List<String> args) {
    for (String arg : args) {
      String name = arg.split("=", 2)[0];
      if (name.matches("--?[A-Za-z].*") && spec.findOption(name) == null) {
        return unknown(arg, spec);
      }
    }
    return null;
  }

  private static String unknown(String arg, CommandSpec spec) {
    String name = arg.split("=", 2)[0];
    return "unknown option " + name + Suggestions.nearest(name, options(spec));
  }

  private static List<String> options(CommandSpec spec) {
    List<String> names = new ArrayList<>();
    for (String name : spec.optionsMap().keySet()) {
      if (name.startsWith("--")) {
        names.add(name);
      }
    }
    return names;
  }

  /** What is wrong, in words for somebody who does not know the code. */
  static String message(Throwable e) {
    @Nullable Throwable cause = e.getCause();
    return switch (e) {
      case UncheckedIOException unchecked when cause != null ->
          cause.toString().equals(unchecked.getMessage())
              ? message(cause)
              : String.valueOf(unchecked.getMessage());
      case NoSuchFileException missing ->
          "expected a file at " + missing.getFile() + ", found none";
      case AccessDeniedException denied -> denied.getFile() + ": access denied; check its rights";
      case FileSystemException other when other.getReason() != null ->
          other.getFile() + ": " + other.getReason();
      case InternalError fault when String.valueOf(fault.getMessage()).contains("memory access") ->
          "expected the model's files as they were when the command began, found that a page of them"
              + " cannot be read any more: a file was cut short, or its disk has failed; restore"
              + " it and run the command again, train goes on from its last checkpoint";
      case OutOfMemoryError _ ->
          "the Java heap of "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MB is full; use a smaller batch, shorter sequences, or a larger MFT_HEAP=4g or --memory-budget";
      default -> expected(e) ? String.valueOf(e.getMessage()) : internal(e);
    };
  }

  private static boolean expected(Throwable e) {
    return e.getMessage() != null
        && (e instanceof IOException
            || e instanceof IllegalArgumentException
            || e.getClass().getName().startsWith("org.mobilefinetuner."));
  }

  private static String internal(Throwable e) {
    return "internal error: " + e + "; run it again with --stacktrace and report what is printed";
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
