package org.mobilefinetuner.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code mft}. */
@Command(
    name = "mft",
    description = "Fine-tunes language models.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      QuickstartCommand.class,
      TrainCommand.class,
      DataCommand.class,
      PlanCommand.class,
      ReportCommand.class,
      EvalCommand.class,
      GenerateCommand.class,
      ChatCommand.class,
      TokenizeCommand.class,
      InspectCommand.class,
      MergeCommand.class,
      ExportCommand.class,
      InitCommand.class,
      VerifyCommand.class,
      BenchCommand.class,
      PowerCommand.class,
      DoctorCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the run failed",
      "2:the command line is wrong",
      "75:stopped to save power (--battery-floor, --energy-budget); train has written a checkpoint",
      "130:interrupted with Ctrl-C or SIGTERM; train has written a checkpoint"
    },
    footer = {"", "MFT_DEBUG=1 is the same as --stacktrace, NO_COLOR=1 means plain lines."})
public final class Main implements Runnable {
  private static final Pattern UNDERSCORED =
      Pattern.compile("--[A-Za-z0-9_-]*_[A-Za-z0-9_-]*(=.*)?");

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error occurred.")
  private boolean stackTrace;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    CommandLine root = commandLine();
    boolean limits = args.length > 0 && args[0].equals(Limits.COMMAND);
    System.exit(limits ? Limits.print(root, args) : run(root, args));
  }

  /** Shows what there is. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The command line with all its commands, printing to stdout and stderr. */
  static CommandLine commandLine() {
    boolean debug = "1".equals(System.getenv("MFT_DEBUG"));
    Main main = new Main();
    CommandLine command = new CommandLine(main);
    complete(command);
    enumWords(command);
    return command
        .setUsageHelpLongOptionsMaxWidth(32)
        .setUsageHelpWidth(Math.clamp(Terminal.columns(), 60, 120))
        .setColorScheme(Help.defaultColorScheme(Terminal.stdout() ? Help.Ansi.ON : Help.Ansi.OFF))
        .setParameterExceptionHandler(
            (e, args) -> new Failures(debug || traced(args)).usage(e, Arrays.asList(args)))
        .setExecutionExceptionHandler(
            (e, failed, parsed) -> new Failures(debug || main.stackTrace).run(e, failed));
  }

  /** What all commands have in common: a version, and help whose first line is short. */
  private static void complete(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    spec.versionProvider(new Version());
    spec.usageMessage().abbreviateSynopsis(true);
    if (spec.options().stream().anyMatch(OptionSpec::required)) {
      spec.usageMessage().requiredOptionMarker('*').optionListHeading("%n(* must be given)%n");
    }
    command.getSubcommands().values().forEach(Main::complete);
  }

  /** Enumerations are read and listed as people write them. */
  private static void enumWords(CommandLine command) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      for (Class<?> type : option.auxiliaryTypes()) {
        if (type.isEnum()) {
          register(command, type);
        }
      }
    }
    command.getSubcommands().values().forEach(Main::enumWords);
  }

  private static <E> void register(CommandLine command, Class<E> type) {
    command.registerConverter(type, new EnumWords<>(type));
  }

  /** Runs one command and returns its exit code. */
  static int run(CommandLine root, String... args) {
    boolean debug = "1".equals(System.getenv("MFT_DEBUG")) || traced(args);
    try {
      return root.execute(withFile(root, hyphened(args)).toArray(String[]::new));
    } catch (ParameterException e) {
      return new Failures(debug).usage(e, Arrays.asList(args));
    } catch (IOException | OutOfMemoryError | StackOverflowError | InternalError e) {
      return new Failures(debug).run(e, root);
    }
  }

  /** The arguments, understood but not run. */
  static CommandLine.ParseResult parse(CommandLine root, List<String> args) throws IOException {
    return root.parseArgs(
        withFile(root, hyphened(args.toArray(String[]::new))).toArray(String[]::new));
  }

  private static boolean traced(String... args) {
    return Arrays.asList(args).contains("--stacktrace");
  }

  /** The arguments with {@code --batch_size} spelled {@code --batch-size}. */
  private static List<String> hyphened(String... args) {
    List<String> all = new ArrayList<>();
    boolean options = true;
    for (String arg : args) {
      options &= !arg.equals("--");
      if (options && UNDERSCORED.matcher(arg).matches()) {
        String[] parts = arg.split("=", 2);
        parts[0] = parts[0].replace('_', '-');
        all.add(String.join("=", parts));
      } else {
        all.add(arg);
      }
    }
    return all;
  }

  /** The arguments with those of a configuration file, if the command takes one. */
  private static List<String> withFile(CommandLine root, List<String> args) throws IOException {
    @Nullable CommandLine command = args.isEmpty() ? null : root.getSubcommands().get(args.get(0));
    if (command == null || command.getCommandSpec().findOption("-c") == null) {
      return args;
    }
    List<String> all = new ArrayList<>(args.subList(0, 1));
    all.addAll(ConfigFile.expand(command, args.subList(1, args.size())));
    return all;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"mft " + version()};
    }

    static String version() {
      @Nullable String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "unpackaged" : version;
    }
  }
}
