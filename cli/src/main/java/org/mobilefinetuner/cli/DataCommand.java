package org.mobilefinetuner.cli;

import picocli.CommandLine.Command;

/** {@code mft data}: what a model would learn from. */
@Command(
    name = "data",
    description = "Shows, checks and splits training data.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {DataCheckCommand.class, DataPreviewCommand.class, DataSplitCommand.class},
    mixinStandardHelpOptions = true)
final class DataCommand {}
