/**
 * Fine-tuning in an Android app: {@link org.mobilefinetuner.android.FineTuning} runs it, {@link
 * org.mobilefinetuner.android.FineTuningService} and {@link
 * org.mobilefinetuner.android.FineTuningJobService} keep it alive, {@link
 * org.mobilefinetuner.android.FineTunedModel} uses what has come out.
 *
 * <p>What is learned from stays on the device: nothing here uses the network.
 */
@NullMarked
package org.mobilefinetuner.android;

import org.jspecify.annotations.NullMarked;
