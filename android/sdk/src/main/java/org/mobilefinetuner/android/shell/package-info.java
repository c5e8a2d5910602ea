/**
 * A command line in the {@code -dex} jar, for {@code app_process} and {@code dalvikvm}: the least
 * of {@code mft} that trains and measures on a phone without an app. It uses nothing of {@code
 * android.*}.
 */
@NullMarked
package org.mobilefinetuner.android.shell;

import org.jspecify.annotations.NullMarked;
