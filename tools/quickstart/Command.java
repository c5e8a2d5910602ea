/**
 * A typed command and the action it stands for.
 *
 * <p>The prompt ends with {@code " =>"} and the completion begins with a space: under GPT-2's
 * pre-tokenizer no token crosses that border, so the tokens of the two parts are the tokens of the
 * whole. Values keep their spaces ({@code room: reading corner}), because a word then has the same
 * tokens in the command and in the action and can be copied.
 */
record Command(String text, String action) {

  Command {
    if (!(text + action).matches("[ -~&&[^\"\\\\]]+")) {
      throw new IllegalArgumentException(
          "expected printable ASCII without quotes and backslashes, found <"
              + text
              + "> <"
              + action
              + ">: change the word it came from");
    }
  }

  /** One line of a prompt/completion file. */
  String json() {
    return "{\"prompt\": \"" + text + " =>\", \"completion\": \" " + action + "\"}";
  }

  /** Prompt and completion as the model reads them. */
  String line() {
    return text + " => " + action;
  }
}
