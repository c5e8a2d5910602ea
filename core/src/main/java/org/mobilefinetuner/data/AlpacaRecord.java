package org.mobilefinetuner.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.text.Message;

/**
 * An instruction and its answer, as Stanford's Alpaca and LLaMA-Factory write them.
 *
 * @param input what the instruction is about; empty for nothing
 * @param system who the assistant is; empty for nobody in particular
 * @param history earlier instructions with their answers
 */
record AlpacaRecord(
    String instruction, String input, String output, String system, List<Round> history) {
  private static final String WITH_INPUT =
      "Below is an instruction that describes a task, paired with an input that provides further"
          + " context. Write a response that appropriately completes the request.";
  private static final String WITHOUT_INPUT =
      "Below is an instruction that describes a task. Write a response that appropriately"
          + " completes the request.";

  /** An instruction that was answered before. */
  record Round(String instruction, String answer) {}

  static AlpacaRecord of(JsonObject object) throws FormatException {
    List<Round> history = new ArrayList<>();
    for (Object each : object.has("history") ? object.list("history") : List.of()) {
      if (each instanceof List<?> pair
          && pair.size() == 2
          && pair.get(0) instanceof String question
          && pair.get(1) instanceof String answer) {
        history.add(new Round(question, answer));
      } else {
        throw object.wrong("history", "a list of pairs, instruction and answer,");
      }
    }
    return new AlpacaRecord(
        object.string("instruction"),
        object.string("input", ""),
        object.string("output"),
        object.string("system", ""),
        history);
  }

  /** The messages; input stands under the instruction, and answers of the history are learned. */
  Conversation conversation() {
    List<Message> messages = new ArrayList<>();
    if (!system.isEmpty()) {
      messages.add(Message.of("system", system));
    }
    for (Round round : history) {
      messages.add(Message.of("user", round.instruction));
      messages.add(Message.of("assistant", round.answer));
    }
    messages.add(Message.of("user", input.isEmpty() ? instruction : instruction + "\n" + input));
    messages.add(Message.of("assistant", output));
    return new Conversation(messages, null, Set.of());
  }

  /**
   * What comes before the answer in Stanford's text, for models without a chat template. A system
   * text stands in place of its first sentences, the history behind them.
   */
  String prompt() {
    var text = new StringBuilder();
    text.append(system.isEmpty() ? input.isEmpty() ? WITHOUT_INPUT : WITH_INPUT : system);
    for (Round round : history) {
      section(text, "Instruction", round.instruction);
      section(text, "Response", round.answer);
    }
    section(text, "Instruction", instruction);
    if (!input.isEmpty()) {
      section(text, "Input", input);
    }
    section(text, "Response", "");
    return text.toString();
  }

  private static void section(StringBuilder text, String title, String content) {
    text.append("\n\n### ").append(title).append(":\n").append(content);
  }
}
