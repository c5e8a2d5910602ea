package org.mobilefinetuner.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.text.Tokenizer;

/** What may end a text or an answer: the model's tokens, the tokenizer's, the known templates'. */
final class EndTokens {
  /** Tokens that end an answer in the templates of the known models. */
  private static final List<String> OF_TEMPLATES =
      List.of("<|im_end|>", "<end_of_turn>", "<|eot_id|>");

  private EndTokens() {}

  static Set<Integer> of(ModelFolder folder, Tokenizer tokenizer) {
    Set<Integer> ids = new TreeSet<>();
    Arrays.stream(folder.eos()).forEach(ids::add);
    tokenizer.eosId().ifPresent(ids::add);
    OF_TEMPLATES.forEach(end -> tokenizer.id(end).ifPresent(ids::add));
    return ids;
  }
}
