/** How much power a device has left, and how fast a run may be because of that. */
@NullMarked
package org.mobilefinetuner.energy;

import org.jspecify.annotations.NullMarked;
