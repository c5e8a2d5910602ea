package org.mobilefinetuner.cli.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;

/** A command in somebody's words and the action that is meant, as in a line of the data files. */
public record Example(String prompt, String completion) {
  private static final String ARROW = " =>";

  /** The examples of a JSONL file with prompt and completion. */
  public static List<Example> read(Path file) throws IOException {
    List<Example> examples = new ArrayList<>();
    int number = 0;
    for (String line : TextFile.read(file).lines().toList()) {
      number++;
      if (!line.isBlank()) {
        JsonObject record = JsonObject.parse(file + ":" + number, line);
        examples.add(new Example(record.string("prompt"), record.string("completion")));
      }
    }
    return examples;
  }

  /** What the model is asked when somebody says {@code sentence}. */
  public static String promptOf(String sentence) {
    String text = sentence.strip();
    return text.endsWith(ARROW) ? text : text + ARROW;
  }

  /** The sentence without the arrow behind it. */
  public String sentence() {
    return prompt.endsWith(ARROW) ? prompt.substring(0, prompt.length() - ARROW.length()) : prompt;
  }

  /** Whether {@code answer} means the same action: equal intent and slots. */
  public boolean isAnsweredBy(String answer) {
    var wanted = Action.parse(completion);
    return wanted.isPresent() && wanted.equals(Action.parse(answer));
  }
}
