package org.mobilefinetuner.adapter;

import org.mobilefinetuner.ops.Layout;

/**
 * A projection of a model, at which an adapter may be put.
 *
 * @param name such as {@code transformer.h.0.attn.c_attn}
 * @param in the width that it reads
 * @param out the width that it gives
 * @param layout of its own weight; adapters are always [out, in]
 */
public record Site(String name, int in, int out, Layout layout) {
  /** The last part of the name, such as {@code c_attn}. */
  public String module() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Whether {@code target} names this site or ends its name, as PEFT understands it. */
  boolean matches(String target) {
    return name.equals(target) || name.endsWith("." + target);
  }
}
