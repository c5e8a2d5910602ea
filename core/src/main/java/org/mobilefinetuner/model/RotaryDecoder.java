package org.mobilefinetuner.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model with rotary positions and RMS norms: what is the same for all of them. */
interface RotaryDecoder extends Model {
  DecoderSizes sizes();

  @Override
  default int width() {
    return sizes().width();
  }

  @Override
  default int vocabulary() {
    return sizes().vocabulary();
  }

  @Override
  default int positions() {
    return sizes().positions();
  }

  @Override
  default List<String> defaultTargets() {
    return List.of("q_proj", "v_proj");
  }

  /** Passes over the second copy of a tied table, and angles that old files hold. */
  @Override
  default @Nullable String canonicalName(String stored) {
    boolean copy = sizes().tied() && stored.equals("lm_head.weight");
    return copy || stored.endsWith(".rotary_emb.inv_freq") ? null : stored;
  }
}
