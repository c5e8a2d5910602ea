package org.mobilefinetuner.cli;

import java.util.List;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.plan.RuntimeCost;
import org.mobilefinetuner.plan.Workload;

/**
 * What a memory plan is made for.
 *
 * @param runtime what Java and the backend take
 * @param bases the formats that the command line leaves open for a frozen base
 */
record Planning(Workload workload, RuntimeCost runtime, List<FrozenFormat> bases) {
  /** The same for other work. */
  Planning with(Workload other) {
    return new Planning(other, runtime, bases);
  }
}
