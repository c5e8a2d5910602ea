package org.mobilefinetuner.cli;

import picocli.CommandLine.Command;

/** {@code mft bench}: measurements of this machine. */
@Command(
    name = "bench",
    description =
        "Measures this machine: a training step, its memory, matrix products, or some of each.",
    subcommands = {BenchStep.class, BenchMemory.class, BenchPeak.class, BenchDevice.class},
    synopsisSubcommandLabel = "(step | memory | peak | device)",
    mixinStandardHelpOptions = true)
final class BenchCommand {}
