/** Architectures, one file each, and what they are made of. */
@NullMarked
package org.mobilefinetuner.model;

import org.jspecify.annotations.NullMarked;
