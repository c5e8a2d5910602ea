package org.mobilefinetuner.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;

/**
 * A conversation as the model sees it, and which of its characters the assistant says: those that
 * training teaches.
 *
 * <p>They are found without the template's help, as most templates mark nothing. The messages
 * before an answer, with the beginning of an answer behind them, give the text up to it; the
 * messages up to and with the answer give the text to its end. Both must be beginnings of the whole
 * text. A template for which that is not so, because it drops the reasoning of earlier answers for
 * one, shows the model other text in training than in use, and is refused.
 *
 * @param text the whole conversation
 * @param turns the assistant's, in their order
 */
public record AssistantTurns(String text, List<Turn> turns) {
  private static final String ASSISTANT = "assistant";
  private static final int SHOWN = 40;

  /** How far a turn reaches. The header before it is never part of it. */
  public enum Boundary {
    /** The answer and the token that ends it. */
    CONTENT,
    /**
     * The white space behind that token too, as in the training templates of TRL. Of Qwen2.5 those
     * also take the line break before the answer; here it belongs to the header, as everywhere
     * else.
     */
    TRL
  }

  /**
   * What the assistant says at one time.
   *
   * @param message the index of the message
   * @param start the first character of the turn in the text
   * @param end the character after its last
   */
  public record Turn(int message, int start, int end) {}

  public AssistantTurns {
    turns = Collections.unmodifiableList(new ArrayList<>(turns));
  }

  /**
   * Renders a conversation and finds the assistant's turns.
   *
   * @param tools as for {@link ChatTemplate#render}
   * @throws FormatException if the template refuses the conversation, or the turns cannot be found
   */
  public static AssistantTurns of(
      ChatTemplate template, List<Message> messages, @Nullable List<?> tools, Boundary boundary)
      throws FormatException {
    String text = template.render(messages, tools, false);
    List<Turn> turns = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      if (!message.role().equals(ASSISTANT)) {
        continue;
      }
      String before = template.render(messages.subList(0, i), tools, true);
      String after =
          i + 1 == messages.size()
              ? text
              : template.render(messages.subList(0, i + 1), tools, false);
      requireBeginning(i, before, after, "the header of an answer");
      requireBeginning(i, after, text, "an answer that others follow");
      String withoutHeader = template.render(messages.subList(0, i), tools, false);
      if (withoutHeader.equals(before)) {
        requireNoHeader(message, i, after.substring(before.length()));
      }
      int end = boundary == Boundary.TRL ? after.length() : endWithoutSpace(after);
      if (end > before.length()) {
        turns.add(new Turn(i, before.length(), end));
      }
    }
    return new AssistantTurns(text, turns);
  }

  private static int endWithoutSpace(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private static String withoutSpace(String text) {
    int start = 0;
    int end = endWithoutSpace(text);
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    return text.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  private static void requireBeginning(int message, String part, String whole, String what)
      throws FormatException {
    if (whole.startsWith(part)) {
      return;
    }
    int at = 0;
    while (at < Math.min(part.length(), whole.length()) && part.charAt(at) == whole.charAt(at)) {
      at++;
    }
    throw new FormatException(
        "messages["
            + message
            + "]: the chat template writes "
            + what
            + " in two ways, so what the assistant says cannot be told from the rest; at character "
            + at
            + " it is first "
            + shown(part, at)
            + ", then "
            + shown(whole, at)
            + "; use a template for training that writes every turn the same way");
  }

  /**
   * Where there is no beginning of an answer to ask for, a turn has to begin with what is said: a
   * template that only ignores the request would make its header part of the turn.
   */
  private static void requireNoHeader(Message message, int index, String turn)
      throws FormatException {
    String content = message.text();
    boolean called = message.fields().get("tool_calls") != null;
    if (called || content == null || withoutSpace(turn).startsWith(withoutSpace(content))) {
      return;
    }
    throw new FormatException(
        "messages["
            + index
            + "]: the chat template has no beginning of an answer (add_generation_prompt changes"
            + " nothing), and the turn begins with "
            + shown(turn, 0)
            + ", expected what the assistant says; add the generation prompt to the template");
  }

  private static String shown(String text, int at) {
    int end = Math.min(text.length(), at + SHOWN);
    String part = text.substring(at, end).replace("\n", "\\n");
    return "\"" + part + (end < text.length() ? "...\"" : "\"");
  }
}
