package org.mobilefinetuner.text.template;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A chat template: a program in the part of Jinja that such templates use.
 *
 * <p>It renders as transformers lets jinja2 do: without the first line break after a block, without
 * the blanks before it, without escaping, in a sandbox, with {@code break} and {@code continue},
 * and with {@code raise_exception}, {@code strftime_now}, JSON that is not escaped for HTML, and
 * {@code generation} blocks. Immutable, and safe for use by several threads.
 */
public final class Template {
  private final List<Statement> body;

  private Template(List<Statement> body) {
    this.body = body;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException if it is not Jinja, or uses a construct that is not supported
   */
  public static Template parse(String source) {
    return new Template(StatementParser.parse(new Lexer(source).tokens()));
  }

  /**
   * The text that the template makes of its variables.
   *
   * @param variables values as JSON has them: maps, lists, texts, numbers, booleans and null
   * @param clock what {@code strftime_now} asks
   * @throws TemplateException if the template raises an exception, does with a value what it cannot
   *     do, or works longer than a template has to
   */
  public String render(Map<String, ? extends @Nullable Object> variables, Clock clock) {
    return render(variables, clock, new Budget());
  }

  String render(Map<String, ? extends @Nullable Object> variables, Clock clock, Budget budget) {
    Frame globals = new Frame(budget);
    Functions.define(globals, clock);
    Frame frame = globals.inner();
    for (Map.Entry<String, ? extends @Nullable Object> each : variables.entrySet()) {
      frame.set(each.getKey(), Values.of(each.getValue()));
    }
    frame.run(body);
    return frame.text();
  }
}
