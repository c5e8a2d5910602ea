package org.mobilefinetuner.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which model a command is for. */
final class ModelOptions {
  @Option(
      names = {"--model", "--model-name-or-path"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of a Hugging Face model: config.json and safetensors.")
  Path model = Path.of("");
}
