/**
 * Every inner loop of the code base: the contract of a backend, its specification, and how one is
 * found.
 */
@NullMarked
package org.mobilefinetuner.kernel;

import org.jspecify.annotations.NullMarked;
