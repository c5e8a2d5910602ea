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

/** Reads conversations as ShareGPT has them, with the roles and tools of LLaMA-Factory. */
final class ShareGptRecord {
  private ShareGptRecord() {}

  static Conversation of(JsonObject object) throws FormatException {
    List<JsonObject> turns = object.objects("conversations");
    if (turns.isEmpty()) {
      throw object.wrong("conversations", "a list of turns");
    }
    List<Message> messages = new ArrayList<>();
    Set<Integer> untaught = new TreeSet<>();
    String system = object.string("system", "");
    if (!system.isEmpty()) {
      messages.add(Message.of("system", system));
    }
    for (JsonObject turn : turns) {
      Message message = message(turn);
      if (!ChatRecord.taught(turn, message.role())) {
        untaught.add(messages.size());
      }
      messages.add(message);
    }
    return new Conversation(messages, tools(object), untaught);
  }

  private static Message message(JsonObject turn) throws FormatException {
    String from = turn.string("from");
    String value = turn.string("value");
    return switch (from) {
      case "human", "user" -> Message.of("user", value);
      case "gpt", "assistant" -> Message.of("assistant", value);
      case "system" -> Message.of("system", value);
      case "observation", "tool" -> Message.of("tool", value);
      case "function_call" -> call(turn, value);
      default -> throw turn.wrong("from", "human, gpt, system, observation or function_call");
    };
  }

  /** A message of the assistant that calls one function, or a list of them. */
  private static Message call(JsonObject turn, String value) throws FormatException {
    Object parsed = JsonText.parse(turn, "value", value);
    List<Object> calls = new ArrayList<>();
    for (Object each : parsed instanceof List<?> list ? list : List.of(orEmpty(parsed))) {
      if (!(each instanceof JsonObject function) || !function.has("name")) {
        throw turn.wrong("value", "a function call, an object with name and arguments,");
      }
      calls.add(function(function));
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("role", "assistant");
    fields.put("content", "");
    fields.put("tool_calls", calls);
    return new Message(fields);
  }

  private static Object orEmpty(@Nullable Object value) {
    return value == null ? "" : value;
  }

  /** Tools as chat templates want them: each a {@code function}. */
  private static @Nullable List<?> tools(JsonObject object) throws FormatException {
    List<?> tools = ChatRecord.tools(object);
    if (tools == null) {
      return null;
    }
    List<Object> wrapped = new ArrayList<>();
    for (Object tool : tools) {
      if (!(tool instanceof JsonObject description)) {
        throw object.wrong(ChatRecord.TOOLS, "a list of objects");
      }
      boolean bare = !"function".equals(description.get("type"));
      wrapped.add(bare ? function(description) : description);
    }
    return wrapped;
  }

  private static JsonObject function(JsonObject content) {
    return JsonObject.empty().put("type", "function").put("function", content);
  }
}
