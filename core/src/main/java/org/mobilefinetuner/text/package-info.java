/** Text to token ids and back, as the model's own tokenizer files say. */
@NullMarked
package org.mobilefinetuner.text;

import org.jspecify.annotations.NullMarked;
