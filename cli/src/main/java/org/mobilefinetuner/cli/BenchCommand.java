package org.mobilefinetuner.cli;

import picocli.CommandLine.Command;

/** {@code mft bench}: measurements of this machine. */
@Command(
    name = "bench",
    description = "Measures this machine: a training step, its memory, or matrix products.",
    subcommands = {BenchStep.class, BenchMemory.class, BenchPeak.class},
    synopsisSubcommandLabel = "(step | memory | peak)",
    mixinStandardHelpOptions = true)
final class BenchCommand {}
