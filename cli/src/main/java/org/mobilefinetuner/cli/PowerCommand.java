package org.mobilefinetuner.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code mft power}: what the device says of power and heat, and what policies make of it. */
@Command(
    name = "power",
    description = "Watches power and heat, and tries out what slows a run down.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PowerWatchCommand.class, PowerSimulateCommand.class})
final class PowerCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Shows what there is. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
