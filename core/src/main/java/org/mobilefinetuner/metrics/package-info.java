/** Measurements of a run and of the process that makes it. */
@NullMarked
package org.mobilefinetuner.metrics;

import org.jspecify.annotations.NullMarked;
