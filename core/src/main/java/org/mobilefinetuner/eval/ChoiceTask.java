package org.mobilefinetuner.eval;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;

/** A task of multiple-choice questions: its name, and how a record of its file is asked. */
public final class ChoiceTask {
  @FunctionalInterface
  interface Prompt {
    Question question(JsonObject record) throws FormatException;
  }

  private static final Map<String, Prompt> PROMPTS =
      Map.of(
          "boolq", ChoicePrompts::boolq,
          "piqa", ChoicePrompts::piqa,
          "arc_easy", ChoicePrompts::arc,
          "hellaswag", ChoicePrompts::hellaSwag,
          "winogrande", ChoicePrompts::winoGrande,
          "social_iqa", ChoicePrompts::socialIqa,
          "qnli", ChoicePrompts::qnli);

  private final String name;
  private final Prompt prompt;

  private ChoiceTask(String name, Prompt prompt) {
    this.name = name;
    this.prompt = prompt;
  }

  /** The names of all tasks, as lm-eval spells them. */
  public static List<String> names() {
    return List.copyOf(new TreeMap<>(PROMPTS).keySet());
  }

  /**
   * @throws IllegalArgumentException if there is no such task
   */
  public static ChoiceTask named(String name) {
    Prompt prompt = PROMPTS.get(name);
    if (prompt == null) {
      throw new IllegalArgumentException(
          "expected a task of " + String.join(", ", names()) + ", found " + name);
    }
    return new ChoiceTask(name, prompt);
  }

  public String name() {
    return name;
  }

  /**
   * The questions of a file: JSONL with the fields of the task, or tab-separated values with their
   * names in the first line.
   *
   * @param most how many to take, from the first
   * @throws FormatException with file and line if a record is not one of this task
   */
  public List<Question> read(Path file, int most) throws IOException {
    List<Question> questions = new ArrayList<>();
    boolean tabs = file.getFileName().toString().endsWith(".tsv");
    try (BufferedReader lines = TextFile.open(file)) {
      String[] head = tabs ? String.valueOf(lines.readLine()).split("\t", -1) : new String[0];
      int number = head.length == 0 ? 0 : 1;
      for (String line = lines.readLine();
          line != null && questions.size() < most;
          line = lines.readLine()) {
        number++;
        if (!line.isEmpty()) {
          String place = file + ":" + number;
          questions.add(
              question(tabs ? values(place, head, line) : JsonObject.parse(place, line), place));
        }
      }
    } catch (CharacterCodingException e) {
      throw new FormatException(file + ": expected UTF-8 text; is it a binary file?", e);
    }
    if (questions.isEmpty()) {
      throw new FormatException(file + ": expected at least one question, found none");
    }
    return questions;
  }

  private Question question(JsonObject record, String place) throws FormatException {
    try {
      return prompt.question(record);
    } catch (IllegalArgumentException e) {
      throw new FormatException(place + ": " + e.getMessage() + "; is it a file of " + name, e);
    }
  }

  private static JsonObject values(String place, String[] head, String line)
      throws FormatException {
    String[] cells = line.split("\t", -1);
    if (cells.length != head.length) {
      throw new FormatException(
          place + ": expected " + head.length + " values, found " + cells.length);
    }
    JsonObject record = JsonObject.named(place);
    for (int i = 0; i < cells.length; i++) {
      record.put(head[i], cells[i]);
    }
    return record;
  }
}
