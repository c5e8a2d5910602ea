package org.mobilefinetuner.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.text.Message;

/**
 * Reads conversations that are lists of messages.
 *
 * <p>A message of the assistant with {@code "weight": 0} or {@code "train": false} is not learned.
 */
final class ChatRecord {
  private static final List<String> FLAGS = List.of("weight", "train");
  static final String TOOLS = "tools";

  private final List<Message> messages = new ArrayList<>();
  private final Set<Integer> untaught = new TreeSet<>();

  private ChatRecord() {}

  /** A record with {@code messages}. */
  static Conversation of(JsonObject object) throws FormatException {
    ChatRecord chat = new ChatRecord();
    chat.addAll(object, "messages");
    return chat.conversation(tools(object));
  }

  /** A record whose {@code prompt} and {@code completion} are messages; the latter are learned. */
  static Conversation ofCompletion(JsonObject object) throws FormatException {
    ChatRecord chat = new ChatRecord();
    chat.addAll(object, "prompt");
    for (int i = 0; i < chat.messages.size(); i++) {
      chat.untaught.add(i);
    }
    chat.addAll(object, "completion");
    return chat.conversation(tools(object));
  }

  private Conversation conversation(@Nullable List<?> tools) {
    return new Conversation(messages, tools, untaught);
  }

  private void addAll(JsonObject object, String key) throws FormatException {
    List<JsonObject> all = object.objects(key);
    if (all.isEmpty()) {
      throw object.wrong(key, "a list of messages");
    }
    for (JsonObject each : all) {
      add(each);
    }
  }

  private void add(JsonObject object) throws FormatException {
    String role = object.string("role");
    if (!taught(object, role)) {
      untaught.add(messages.size());
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (String key : object.keys()) {
      if (!FLAGS.contains(key)) {
        fields.put(key, object.get(key));
      }
    }
    messages.add(new Message(fields));
  }

  /** Whether a message is to be learned, if the assistant says it. */
  static boolean taught(JsonObject object, String role) throws FormatException {
    boolean taught = true;
    for (String key : FLAGS) {
      Object flag = object.get(key);
      boolean yes = Boolean.TRUE.equals(flag) || flag instanceof Number n && n.doubleValue() == 1;
      boolean no = Boolean.FALSE.equals(flag) || flag instanceof Number n && n.doubleValue() == 0;
      if (flag != null && !yes && !no) {
        throw object.wrong(key, "0, 1, true or false");
      }
      if (yes && !role.equals("assistant")) {
        throw object.wrong(key, "nothing, as only what the assistant says can be learned,");
      }
      taught &= !no;
    }
    return taught;
  }

  /** The {@code tools} of a record: a list, or the text of one. */
  static @Nullable List<?> tools(JsonObject object) throws FormatException {
    Object tools = object.get(TOOLS);
    if (tools instanceof String text) {
      if (text.trim().isEmpty()) {
        return null;
      }
      tools = JsonText.parse(object, TOOLS, text);
    }
    if (tools == null || tools instanceof List<?> list && list.isEmpty()) {
      return null;
    }
    if (tools instanceof List<?> list) {
      return list;
    }
    throw object.wrong(TOOLS, "a list of tools");
  }
}
