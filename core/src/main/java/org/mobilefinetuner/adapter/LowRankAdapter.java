package org.mobilefinetuner.adapter;

/** LoRA, or a method that adds something to it. */
public sealed interface LowRankAdapter extends Adapter permits Lora, Dora {
  /** A, B, their scale and dropout. */
  Lora lora();
}
