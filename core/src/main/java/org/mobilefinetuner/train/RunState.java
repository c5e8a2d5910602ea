package org.mobilefinetuner.train;

import java.util.Map;
import org.mobilefinetuner.tensor.Numbers;

/**
 * A run between two steps, when nothing is half done.
 *
 * @param optimizer the optimizer's state, live: to be read before the run goes on
 * @param stopping whether the run ends here, before its last step, because it was asked to
 */
public record RunState(Progress progress, Map<String, Numbers> optimizer, boolean stopping) {}
