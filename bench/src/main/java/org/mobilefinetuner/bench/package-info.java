/** Benchmarks with JMH. */
@NullMarked
package org.mobilefinetuner.bench;

import org.jspecify.annotations.NullMarked;
