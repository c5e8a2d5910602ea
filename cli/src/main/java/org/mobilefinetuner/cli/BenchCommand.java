package org.mobilefinetuner.cli;

import picocli.CommandLine.Command;

/** {@code mft bench}: measurements of this machine. */
@Command(
    name = "bench",
    description = "Measures this machine: matrix products, or a training step.",
    subcommands = {BenchStep.class, BenchPeak.class},
    synopsisSubcommandLabel = "(step | peak)",
    mixinStandardHelpOptions = true)
final class BenchCommand {}
