package org.mobilefinetuner.cli;

import org.mobilefinetuner.plan.Allowances;
import org.mobilefinetuner.plan.Workload;

/**
 * What a memory plan is made for.
 *
 * @param threads that compute
 * @param open what the command line leaves open, of what changes the bits of a run
 */
record Planning(Workload workload, int threads, Allowances open) {}
