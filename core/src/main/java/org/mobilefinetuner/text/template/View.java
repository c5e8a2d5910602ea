package org.mobilefinetuner.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code items()}, {@code keys()} and {@code values()} give: items without indices. */
record View(List<@Nullable Object> items) {}
