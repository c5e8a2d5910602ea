/** The command {@code mft}: one class per subcommand, and the only place that prints. */
@NullMarked
package org.mobilefinetuner.cli;

import org.jspecify.annotations.NullMarked;
