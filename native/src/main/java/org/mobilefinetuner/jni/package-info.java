/**
 * The backend in native code, through JNI: {@link org.mobilefinetuner.jni.NativeKernelsProvider}.
 */
@NullMarked
package org.mobilefinetuner.jni;

import org.jspecify.annotations.NullMarked;
