/** Files: JSON, safetensors, model and adapter folders. */
@NullMarked
package org.mobilefinetuner.io;

import org.jspecify.annotations.NullMarked;
