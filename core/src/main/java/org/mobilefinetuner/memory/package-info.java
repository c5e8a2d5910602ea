/** Where values go that have no room in memory. */
@NullMarked
package org.mobilefinetuner.memory;

import org.jspecify.annotations.NullMarked;
