package org.mobilefinetuner.text.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where statements run: the variables that they see and the text that they write to.
 *
 * <p>The body of a loop, of a macro, of a captured block and of a generation block has a frame of
 * its own; the branches of an {@code if} share the one around them. A frame sees the variables of
 * those around it and sets only its own.
 */
final class Frame {
  private final Budget budget;
  private final @Nullable Frame outer;
  private final StringBuilder out;
  private final Map<String, @Nullable Object> variables = new HashMap<>();

  Frame(Budget budget) {
    this(budget, null, new StringBuilder());
  }

  private Frame(Budget budget, @Nullable Frame outer, StringBuilder out) {
    this.budget = budget;
    this.outer = outer;
    this.out = out;
  }

  /** A frame within this one that writes to the same text. */
  Frame inner() {
    return new Frame(budget, this, out);
  }

  /** A frame within this one that writes to a text of its own. */
  Frame capturing() {
    return new Frame(budget, this, new StringBuilder());
  }

  Budget budget() {
    return budget;
  }

  void set(String name, @Nullable Object value) {
    variables.put(name, value);
  }

  /** The value of the innermost variable of a name; {@link Undefined} if there is none. */
  @Nullable Object get(String name) {
    for (Frame frame = this; frame != null; frame = frame.outer) {
      Object value = frame.variables.get(name);
      if (value != null || frame.variables.containsKey(name)) {
        return value;
      }
    }
    return new Undefined("'" + name + "' is undefined");
  }

  void write(String text) {
    budget.spend(text.length());
    budget.requireLength((long) out.length() + text.length());
    out.append(text);
  }

  /** What was written. */
  String text() {
    return out.toString();
  }

  @Nullable Object value(Expression expression) {
    budget.enter();
    Object value = expression.evaluate(this);
    budget.leave();
    return value;
  }

  boolean truth(Expression expression) {
    return Values.truth(value(expression));
  }

  /** Runs statements up to a {@code break} or {@code continue}, which it reports. */
  Flow run(List<Statement> body) {
    budget.enter();
    Flow flow = Flow.NEXT;
    for (int i = 0; i < body.size() && flow == Flow.NEXT; i++) {
      Statement statement = body.get(i);
      budget.spend(1);
      try {
        flow = statement.run(this);
      } catch (TemplateException e) {
        throw e.at(statement.line());
      }
    }
    budget.leave();
    return flow;
  }
}
