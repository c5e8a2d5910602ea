package org.mobilefinetuner.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.JsonObject;

/**
 * Templates give the text that transformers and jinja2 make of them, and an error where those raise
 * one. The files are written by tools/golden/chat-templates/generate.py.
 */
class TemplateGoldenTest {
  private static final Clock CLOCK =
      Clock.fixed(LocalDateTime.of(2025, 3, 7, 14, 5, 9).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

  /** A template of the shape of a published one, with every conversation. */
  @Test
  void shapesOfPublishedTemplates() throws IOException {
    assertThat(differencesOfShapes(resource("shapes.jsonl"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"constructs.jsonl", "fuzz.jsonl"})
  void smallTemplates(String file) throws IOException {
    assertThat(differences(resource(file))).isEmpty();
  }

  /** Templates that are not kept here, see tools/golden/chat-templates/README.md. */
  @Test
  void templatesFromElsewhere() throws IOException {
    String file = System.getProperty("mft.templates");
    assumeTrue(file != null, "no -Dmft.templates=FILE");
    assertThat(differencesOfShapes(Path.of(Objects.requireNonNull(file)))).isEmpty();
  }

  @Test
  void moreRandomTemplates() throws IOException {
    String file = System.getProperty("mft.fuzz");
    assumeTrue(file != null, "no -Dmft.fuzz=FILE");
    assertThat(differences(Path.of(Objects.requireNonNull(file)))).isEmpty();
  }

  private static List<String> differencesOfShapes(Path file) throws IOException {
    List<JsonObject> lines = lines(file);
    JsonObject shared = lines.get(0);
    List<String> differences = new ArrayList<>();
    for (JsonObject line : lines.subList(1, lines.size())) {
      List<?> expected = line.list("expected");
      for (int i = 0; i < expected.size(); i++) {
        Map<String, @Nullable Object> variables = conversation(shared, i);
        for (int prompt = 0; prompt < 2; prompt++) {
          variables.put("add_generation_prompt", prompt == 1);
          Object text = ((List<?>) expected.get(i)).get(prompt);
          String name = line.string("name") + " with conversation " + i;
          compare(name, line.string("template"), variables, text, differences);
        }
      }
    }
    return differences;
  }

  private static Map<String, @Nullable Object> conversation(JsonObject shared, int index)
      throws IOException {
    Map<String, @Nullable Object> variables = new LinkedHashMap<>();
    putAll(shared.object("tokens"), variables);
    JsonObject conversation = (JsonObject) shared.list("conversations").get(index);
    if (conversation.has("variables")) {
      putAll(conversation.object("variables"), variables);
    }
    variables.put("messages", conversation.list("messages"));
    variables.put("tools", conversation.get("tools"));
    variables.put("documents", null);
    return variables;
  }

  private static void putAll(JsonObject from, Map<String, @Nullable Object> to) {
    for (String key : from.keys()) {
      to.put(key, from.get(key));
    }
  }

  private static List<String> differences(Path file) throws IOException {
    List<JsonObject> lines = lines(file);
    assertThat(lines).hasSizeGreaterThan(300);
    Map<String, @Nullable Object> variables = new LinkedHashMap<>();
    putAll(lines.get(0).object("variables"), variables);
    List<String> differences = new ArrayList<>();
    for (JsonObject line : lines.subList(1, lines.size())) {
      String template = line.string("template");
      compare(template, template, variables, line.get("expected"), differences);
    }
    return differences;
  }

  private static void compare(
      String name,
      String template,
      Map<String, @Nullable Object> variables,
      @Nullable Object expected,
      List<String> differences) {
    String found;
    String error = null;
    try {
      found = Template.parse(template).render(variables, CLOCK);
    } catch (TemplateException e) {
      found = null;
      error = e.line() + ": " + e.getMessage();
    }
    if (!Objects.equals(expected, found)) {
      differences.add(
          "\n" + name + "\n--- expected\n" + expected + "\n--- found\n" + found + "\n--- " + error);
    }
  }

  private static List<JsonObject> lines(Path file) throws IOException {
    List<JsonObject> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JsonObject.parse(file.getFileName() + ":" + (lines.size() + 1), line));
    }
    return lines;
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(TemplateGoldenTest.class.getResource("/text/template/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
