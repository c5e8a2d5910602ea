package org.mobilefinetuner.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a template that does something. */
sealed interface Statement
    permits Statement.Text,
        Statement.Output,
        Statement.If,
        Statement.For,
        Statement.Set,
        Statement.Capture,
        Statement.Generation,
        Statement.Jump,
        MacroDefinition {

  /** The line that a complaint names. */
  int line();

  /** Does it; use {@link Frame#run}, which counts. */
  Flow run(Frame frame);

  /** Text between tags, written as it is. */
  record Text(int line, String text) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.write(text);
      return Flow.NEXT;
    }
  }

  /** <code>{{ a }}</code> */
  record Output(int line, Expression value) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.write(PythonText.of(frame.value(value)));
      return Flow.NEXT;
    }
  }

  /** An {@code if}, in whose otherwise an {@code elif} stands as another one. */
  record If(int line, Expression condition, List<Statement> then, List<Statement> otherwise)
      implements Statement {
    @Override
    public Flow run(Frame frame) {
      return frame.run(frame.truth(condition) ? then : otherwise);
    }
  }

  /**
   * A loop.
   *
   * <p>As in jinja2, a loop whose items all leave its body early is taken for an empty one.
   *
   * @param filter which items take part, or null for all
   * @param otherwise what to do where none gets to the end of the body
   */
  record For(
      int line,
      Target target,
      Expression items,
      @Nullable Expression filter,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {
    @Override
    public Flow run(Frame frame) {
      Object value = frame.value(items);
      frame.budget().spendWalk(value);
      var loop = new Loop(Values.iterate(value), item -> takesPart(item, frame));
      boolean completed = false;
      Flow flow = Flow.NEXT;
      while (flow != Flow.BREAK && loop.hasNext()) {
        Frame inner = frame.inner();
        inner.set("loop", loop);
        target.assign(loop.next(), inner);
        flow = inner.run(body);
        completed |= flow == Flow.NEXT;
      }
      return completed ? Flow.NEXT : frame.inner().run(otherwise);
    }

    private boolean takesPart(@Nullable Object item, Frame frame) {
      if (filter == null) {
        return true;
      }
      Frame inner = frame.inner();
      target.assign(item, inner);
      return inner.truth(filter);
    }
  }

  /** {@code set a = b} */
  record Set(int line, Target target, Expression value) implements Statement {
    @Override
    public Flow run(Frame frame) {
      target.assign(frame.value(value), frame);
      return Flow.NEXT;
    }
  }

  /** <code>{% set a %}...{% endset %}</code> */
  record Capture(int line, Target target, List<Statement> body) implements Statement {
    @Override
    public Flow run(Frame frame) {
      Frame inner = frame.capturing();
      inner.run(body);
      target.assign(inner.text(), frame);
      return Flow.NEXT;
    }
  }

  /** What the assistant says, where a template for training marks it. It is text like any other. */
  record Generation(int line, List<Statement> body) implements Statement {
    @Override
    public Flow run(Frame frame) {
      return frame.inner().run(body);
    }
  }

  /** {@code break} or {@code continue} */
  record Jump(int line, Flow flow) implements Statement {
    @Override
    public Flow run(Frame frame) {
      return flow;
    }
  }
}
