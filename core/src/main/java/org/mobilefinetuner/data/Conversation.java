package org.mobilefinetuner.data;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.Message;

/**
 * A conversation to learn from.
 *
 * @param tools what the assistant may call; null for nothing
 * @param untaught the indices of messages that are not to be learned, though the assistant says
 *     them
 */
record Conversation(List<Message> messages, @Nullable List<?> tools, Set<Integer> untaught) {
  Conversation {
    messages = List.copyOf(messages);
    untaught = Collections.unmodifiableSet(new TreeSet<>(untaught));
  }
}
