package org.mobilefinetuner.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list that prints in round brackets and equals no list. */
record Tuple(List<@Nullable Object> items) {}
