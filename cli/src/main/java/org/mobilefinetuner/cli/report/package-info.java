/** The page that shows a run. */
@NullMarked
package org.mobilefinetuner.cli.report;

import org.jspecify.annotations.NullMarked;
