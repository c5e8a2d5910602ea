package org.mobilefinetuner.cli.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.JsonObject;

/** {@code samples.json}: what the model answered before it was tuned and after, for the report. */
public final class BeforeAndAfter {
  /** Its name in the folder of a run. */
  public static final String NAME = "samples.json";

  private final List<JsonObject> samples = new ArrayList<>();
  private final List<JsonObject> scores = new ArrayList<>();

  /** Adds answers to the prompts of the examples, in their order. */
  public void answers(List<Example> examples, List<String> before, List<String> after) {
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      samples.add(
          JsonObject.empty()
              .put("prompt", example.sentence())
              .put("before", before.get(i))
              .put("before_right", example.isAnsweredBy(before.get(i)))
              .put("after", after.get(i))
              .put("after_right", example.isAnsweredBy(after.get(i))));
    }
  }

  /** Adds a score in percent. */
  public void score(String name, double before, double after) {
    scores.add(
        JsonObject.empty()
            .put("name", name)
            .put("before", before)
            .put("after", after)
            .put("unit", "%"));
  }

  /** Writes them to the folder of the run. */
  public void write(Path run) throws IOException {
    AtomicFile.write(
        run.resolve(NAME),
        JsonObject.empty().put("samples", samples).put("scores", scores).pretty());
  }
}
