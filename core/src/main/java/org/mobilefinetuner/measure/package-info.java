/** What a device is and how fast it computes, as figures that can be sent to others. */
@NullMarked
package org.mobilefinetuner.measure;

import org.jspecify.annotations.NullMarked;
