package org.mobilefinetuner.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.plan.MemoryPlan;

/** A command that knows how much memory it will need before it starts. */
interface Planned {
  /**
   * The plan to keep to, or null if no budget was given.
   *
   * @throws picocli.CommandLine.ParameterException if there is none
   */
  @Nullable MemoryPlan plan() throws IOException;

  /** The budget that was given. */
  long budgetBytes();
}
