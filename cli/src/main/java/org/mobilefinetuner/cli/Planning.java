package org.mobilefinetuner.cli;

import java.util.List;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.plan.Workload;

/**
 * What a memory plan is made for.
 *
 * @param threads that compute
 * @param bases the formats that the command line leaves open for a frozen base
 */
record Planning(Workload workload, int threads, List<FrozenFormat> bases) {}
