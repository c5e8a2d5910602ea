/** An app that fine-tunes on the device: views of the framework alone, and the SDK behind them. */
@NullMarked
package org.mobilefinetuner.app;

import org.jspecify.annotations.NullMarked;
