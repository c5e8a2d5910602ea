package org.mobilefinetuner.cli;

import picocli.CommandLine.Command;

/** {@code mft eval}: what a model can do, in numbers. */
@Command(
    name = "eval",
    description = "Measures what a model can do.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PerplexityCommand.class, MmluCommand.class, TaskCommand.class},
    mixinStandardHelpOptions = true)
final class EvalCommand {}
