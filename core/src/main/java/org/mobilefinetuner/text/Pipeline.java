package org.mobilefinetuner.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parts of a tokenizer, in the order in which a text meets them; null: there is none. */
record Pipeline(
    List<AddedToken> addedTokens,
    @Nullable Normalizer normalizer,
    @Nullable PreTokenizer preTokenizer,
    Bpe model,
    @Nullable PostProcessor postProcessor,
    @Nullable Decoder decoder) {}
