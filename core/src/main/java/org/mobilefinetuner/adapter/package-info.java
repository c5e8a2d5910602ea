/** Parameter-efficient fine-tuning methods, one file each. */
@NullMarked
package org.mobilefinetuner.adapter;

import org.jspecify.annotations.NullMarked;
