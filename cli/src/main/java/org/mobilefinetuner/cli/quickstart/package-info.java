/**
 * The task of {@code mft quickstart}: commands, the actions that they mean, and how to score them.
 */
@NullMarked
package org.mobilefinetuner.cli.quickstart;

import org.jspecify.annotations.NullMarked;
