package org.mobilefinetuner.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.mobilefinetuner.io.Csv;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.text.Tokenizer;

/**
 * MMLU: multiple-choice questions from 57 subjects, answered by A, B, C or D after a few examples.
 *
 * <p>The files are those of its authors, {@code dev/<subject>_dev.csv} and {@code
 * test/<subject>_test.csv} with the columns question, A, B, C, D, answer and no header; prompts and
 * scores are those of lm-eval's task {@code mmlu} (Hendrycks et al.: Measuring massive multitask
 * language understanding, arXiv 2009.03300). Where the prompt is longer than the model allows,
 * examples are left out, as its authors do.
 */
public final class Mmlu {
  private static final List<String> LETTERS = List.of("A", "B", "C", "D");
  private static final String TEST = "_test.csv";

  private final Path folder;

  /**
   * @param folder holds {@code dev} and {@code test}
   */
  public Mmlu(Path folder) {
    this.folder = folder;
  }

  private record Item(String question, List<String> options, int answer) {
    String prompt() {
      StringBuilder prompt = new StringBuilder(PythonText.strip(question));
      for (int i = 0; i < LETTERS.size(); i++) {
        prompt.append('\n').append(LETTERS.get(i)).append(". ").append(options.get(i));
      }
      return prompt.append("\nAnswer:").toString();
    }
  }

  /**
   * A question with as many examples before it as fit.
   *
   * @param shots how many examples that are
   */
  public record Asked(Question question, int shots) {}

  /** The names of the subjects for which there are questions, such as {@code us_foreign_policy}. */
  public List<String> subjects() throws IOException {
    Path tests = folder.resolve("test");
    TreeSet<String> names = new TreeSet<>();
    if (Files.isDirectory(tests)) {
      try (var files = Files.newDirectoryStream(tests, "*" + TEST)) {
        for (Path file : files) {
          String name = file.getFileName().toString();
          names.add(name.substring(0, name.length() - TEST.length()));
        }
      }
    }
    if (names.isEmpty()) {
      throw new FormatException(
          "expected the folder of MMLU with dev/*_dev.csv and test/*"
              + TEST
              + ", found no test files in "
              + folder);
    }
    return List.copyOf(names);
  }

  /**
   * The questions of a subject.
   *
   * @param shots the most examples before each
   * @param most how many questions to take, from the first
   * @param positions the tokens that a prompt may have
   */
  public List<Asked> questions(
      String subject, int shots, int most, Tokenizer tokenizer, int positions) throws IOException {
    List<Item> test = read(folder.resolve("test").resolve(subject + TEST));
    List<Item> dev =
        shots == 0 ? List.of() : read(folder.resolve("dev").resolve(subject + "_dev.csv"));
    if (dev.size() < shots) {
      throw new FormatException(
          folder.resolve("dev").resolve(subject + "_dev.csv")
              + ": expected at least "
              + shots
              + " examples, found "
              + dev.size()
              + "; ask for fewer shots");
    }
    List<Asked> asked = new ArrayList<>();
    for (Item item : test.subList(0, Math.min(most, test.size()))) {
      int used = shots;
      String prompt = prompt(subject, dev.subList(0, used), item);
      while (used > 0 && tokenizer.encode(prompt, true).length > positions) {
        prompt = prompt(subject, dev.subList(0, --used), item);
      }
      List<Question.Option> options = new ArrayList<>();
      for (String letter : LETTERS) {
        options.add(Question.Option.of(prompt, letter));
      }
      asked.add(new Asked(new Question(options, item.answer), used));
    }
    return asked;
  }

  private static String prompt(String subject, List<Item> examples, Item item) {
    StringBuilder prompt =
        new StringBuilder("The following are multiple choice questions (with answers) about ")
            .append(subject.replace('_', ' '))
            .append(".\n\n");
    for (Item example : examples) {
      prompt.append(example.prompt()).append(' ').append(LETTERS.get(example.answer));
      prompt.append("\n\n");
    }
    return prompt.append(item.prompt()).toString();
  }

  private static List<Item> read(Path file) throws IOException {
    List<Item> items = new ArrayList<>();
    for (List<String> row : Csv.parse(file.toString(), TextFile.read(file))) {
      int answer = row.size() == 6 ? LETTERS.indexOf(PythonText.strip(row.get(5))) : -1;
      if (answer < 0) {
        throw new FormatException(
            file
                + ", record "
                + (items.size() + 1)
                + ": expected question, A, B, C, D and the answer's letter, found "
                + row.size()
                + " fields"
                + (row.size() == 6 ? " and the answer \"" + row.get(5) + "\"" : "")
                + "; is it a file of MMLU?");
      }
      items.add(new Item(row.get(0), row.subList(1, 5), answer));
    }
    return items;
  }
}
