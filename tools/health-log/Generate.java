import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Writes the health log of a person who does not exist, as questions and answers: the same bytes on
 * every machine, because {@link Random} is specified to the bit.
 *
 * <pre>java tools/health-log/Generate.java DIR</pre>
 *
 * <p>A week with five entries a day. Each entry can be asked for in eight ways: six are in {@code
 * train.jsonl}, the other two in {@code heldout.jsonl}, so that every entry is learned but no
 * question of the second file is in the first. {@code show.jsonl} has some of the second.
 */
final class Generate {
  private static final int DAYS = 7;
  private static final int LEARNED = 6; // of the ways to ask for an entry
  private static final int SHOWN = 6;

  private static final List<List<String>> QUESTIONS =
      List.of(
          List.of(
              "how long did i sleep on %s?",
              "how much sleep did i get on %s?",
              "hours of sleep on %s?",
              "tell me how long i slept on %s",
              "%s: how long did i sleep?",
              "can you tell me my sleep on %s?",
              "when i went to bed on %s, how long did i sleep?",
              "did i sleep enough on %s?"),
          List.of(
              "how many steps did i take on %s?",
              "how far did i walk on %s?",
              "steps on %s?",
              "tell me my steps on %s",
              "%s: how many steps?",
              "can you tell me how much i walked on %s?",
              "did i walk enough on %s?",
              "so how many steps was it on %s?"),
          List.of(
              "what was my pulse on %s?",
              "how fast was my heart on %s?",
              "pulse on %s?",
              "tell me my resting pulse on %s",
              "%s: what was my pulse?",
              "can you tell me my heart rate on %s?",
              "so what was my heart rate on %s?",
              "please check my pulse on %s"),
          List.of(
              "how did i feel on %s?",
              "what did i note on %s?",
              "my note on %s?",
              "tell me how i felt on %s",
              "%s: how did i feel?",
              "can you tell me what i noted on %s?",
              "so how was i on %s?",
              "was i well on %s?"),
          List.of(
              "did i take my tablet on %s?",
              "when did i take my tablet on %s?",
              "tablet on %s?",
              "tell me about my tablet on %s",
              "%s: did i take my tablet?",
              "can you check my tablet on %s?",
              "so did i remember my tablet on %s?",
              "please look up my tablet on %s"));

  private static final List<String> NOTES =
      List.of(
          "calm and rested",
          "a headache in the evening",
          "tired after work",
          "happy, a long walk in the sun",
          "a cold, stayed in bed",
          "sore legs from yoga",
          "could not fall asleep",
          "full of energy");

  private record Question(String prompt, String completion) {
    String json() {
      return "{\"prompt\": \"" + prompt + " =>\", \"completion\": \" " + completion + "\"}";
    }
  }

  private final Random random = new Random(20260302);
  private final List<Question> train = new ArrayList<>();
  private final List<Question> heldOut = new ArrayList<>();

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("usage: java tools/health-log/Generate.java DIR");
      System.exit(2);
    }
    new Generate().write(Path.of(args[0]));
  }

  private void write(Path folder) throws IOException {
    for (int day = 0; day < DAYS; day++) {
      String date = "march " + (2 + day);
      List<String> entries = List.of(sleep(), steps(), pulse(), note(), tablet());
      for (int i = 0; i < entries.size(); i++) {
        ask(QUESTIONS.get(i), date, entries.get(i));
      }
    }
    Collections.shuffle(train, random);
    Collections.shuffle(heldOut, random);
    Files.createDirectories(folder);
    write(folder.resolve("train.jsonl"), train);
    write(folder.resolve("heldout.jsonl"), heldOut);
    write(folder.resolve("show.jsonl"), heldOut.subList(0, SHOWN));
  }

  private void ask(List<String> ways, String date, String answer) {
    List<String> shuffled = new ArrayList<>(ways);
    Collections.shuffle(shuffled, random);
    for (int i = 0; i < shuffled.size(); i++) {
      Question question = new Question(String.format(shuffled.get(i), date), answer);
      (i < LEARNED ? train : heldOut).add(question);
    }
  }

  private static void write(Path file, List<Question> questions) throws IOException {
    Files.write(file, questions.stream().map(Question::json).toList());
  }

  private String sleep() {
    return (5 + random.nextInt(4)) + " hours " + 5 * random.nextInt(12) + " minutes";
  }

  private String steps() {
    return 100 * (20 + random.nextInt(120)) + " steps";
  }

  private String pulse() {
    return (54 + random.nextInt(20)) + " beats a minute";
  }

  private String note() {
    return NOTES.get(random.nextInt(NOTES.size()));
  }

  private String tablet() {
    return random.nextInt(5) == 0
        ? "no, it was left out"
        : "yes, at " + (7 + random.nextInt(4)) + ":" + 10 * (1 + random.nextInt(5));
  }
}
