package org.mobilefinetuner.android;

import java.util.Locale;

/** What of a model is trained. */
public enum Method {
  /** Low-rank adapters beside frozen weights. */
  LORA,
  /** The same with a magnitude of each output (DoRA). */
  DORA,
  /** All weights; they, their gradients and the optimizer's state stay in files. */
  FULL;

  /** As {@code mft} writes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
