/** Contracts and checks for whoever adds an operation, a backend, an adapter or a model. */
@NullMarked
package org.mobilefinetuner.testkit;

import org.jspecify.annotations.NullMarked;
