package org.mobilefinetuner.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.ops.KvCache;

/** An architecture with its sizes filled in: segments and the weights that they want. */
public interface Model {
  /** {@code model_type} of config.json. */
  String type();

  /** The class that transformers has for it, such as {@code Qwen2ForCausalLM}. */
  String architecture();

  /** d, the width between segments. */
  int width();

  /** V. */
  int vocabulary();

  /** The longest sequence. */
  int positions();

  /** All weights, in the order of the model. */
  List<WeightSpec> weights();

  /** Embedding, blocks, head. */
  List<Segment> segments();

  /** The attention of each block. */
  List<AttentionShape> attention();

  /** Room for the keys and values of {@code capacity} tokens. */
  default KvCache cache(int capacity) {
    return new KvCache(attention(), capacity);
  }

  /** Modules that LoRA adapts when nothing is said: PEFT's defaults. */
  List<String> defaultTargets();

  /**
   * The name by which this model asks for the weight that a file calls {@code stored}, or null if
   * it is not a weight.
   */
  default @Nullable String canonicalName(String stored) {
    return stored;
  }

  default Head head() {
    return (Head) segments().get(segments().size() - 1);
  }

  /** The number of all weights' values. */
  default long parameters() {
    long sum = 0;
    for (WeightSpec spec : weights()) {
      sum += spec.size();
    }
    return sum;
  }
}
