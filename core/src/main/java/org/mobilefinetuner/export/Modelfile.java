package org.mobilefinetuner.export;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An Ollama Modelfile: where the model and its adapter are, and the chat template in Go's language,
 * for the shapes of templates that are known here.
 *
 * <p>A template that only resembles the one of the training is the usual reason why a good model
 * answers nonsense, so one that is not known exactly is left out.
 */
public final class Modelfile {
  private static final Pattern CHATML_SYSTEM =
      Pattern.compile("<\\|im_start\\|>system(?:\\\\n|\\n)([^<{'\"]+)<\\|im_end\\|>");

  private static final String CHATML =
      """
      {{ range .Messages }}<|im_start|>{{ .Role }}
      {{ .Content }}<|im_end|>
      {{ end }}<|im_start|>assistant
      """;

  private static final String GEMMA =
      """
      {{ $first := true }}{{ range .Messages }}{{ if eq .Role "user" }}<start_of_turn>user
      {{ if and $first $.System }}{{ $.System }}

      {{ end }}{{ $first = false }}{{ .Content }}<end_of_turn>
      {{ else if eq .Role "assistant" }}<start_of_turn>model
      {{ .Content }}<end_of_turn>
      {{ end }}{{ end }}<start_of_turn>model
      """;

  private static final String LLAMA3 =
      """
      {{ range .Messages }}<|start_header_id|>{{ .Role }}<|end_header_id|>

      {{ .Content }}<|eot_id|>{{ end }}<|start_header_id|>assistant<|end_header_id|>

      """;

  private Modelfile() {}

  /**
   * The text of the file.
   *
   * @param from what Ollama is to load as the model
   * @param adapter the adapter's file, or null
   * @param template the chat template of the model, in Jinja, or null
   */
  public static String of(String from, @Nullable String adapter, @Nullable String template) {
    String head = "FROM " + from + "\n" + (adapter == null ? "" : "ADAPTER " + adapter + "\n");
    if (template == null) {
      return head + "# The model has no chat template, so there is no TEMPLATE here.\n";
    }
    if (template.contains("<|im_start|>")) {
      Matcher system = CHATML_SYSTEM.matcher(template);
      String always = system.find() ? "SYSTEM \"\"\"" + system.group(1) + "\"\"\"\n" : "";
      return head + template(CHATML) + always + stop("<|im_end|>");
    }
    if (template.contains("<start_of_turn>")) {
      return head + template(GEMMA) + stop("<end_of_turn>");
    }
    if (template.contains("<|start_header_id|>") && !template.contains("Cutting Knowledge")) {
      return head + template(LLAMA3) + stop("<|eot_id|>");
    }
    return head
        + "# The model's chat template is none that is known here, so there is no TEMPLATE: Ollama\n"
        + "# has to recognise the one in the GGUF file, or you write it.\n";
  }

  /** Whether {@link #of} would write a template. */
  public static boolean knows(@Nullable String template) {
    return of("", null, template).contains("TEMPLATE \"\"\"");
  }

  private static String template(String go) {
    return "TEMPLATE \"\"\"" + go + "\"\"\"\n";
  }

  private static String stop(String token) {
    return "PARAMETER stop \"" + token + "\"\n";
  }
}
