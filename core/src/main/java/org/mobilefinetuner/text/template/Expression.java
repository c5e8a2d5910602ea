package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a template that has a value. */
sealed interface Expression
    permits Expression.Literal,
        Expression.Name,
        Expression.ListOf,
        Expression.TupleOf,
        Expression.DictionaryOf,
        Expression.Attribute,
        Expression.Item,
        Expression.Slice,
        Expression.Call,
        Expression.Filtered,
        Expression.Tested,
        Operation {

  /** The value; use {@link Frame#value}, which counts. */
  @Nullable Object evaluate(Frame frame);

  /** A number, a text, true, false or none. */
  record Literal(@Nullable Object value) implements Expression {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      return value;
    }
  }

  /** A variable. */
  record Name(String name) implements Expression {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      return frame.get(name);
    }
  }

  /** {@code [a, b]} */
  record ListOf(List<Expression> items) implements Expression {
    @Override
    public Object evaluate(Frame frame) {
      return all(items, frame);
    }
  }

  /** {@code (a, b)} */
  record TupleOf(List<Expression> items) implements Expression {
    @Override
    public Object evaluate(Frame frame) {
      return new Tuple(all(items, frame));
    }
  }

  /** <code>{a: b}</code> */
  record DictionaryOf(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object evaluate(Frame frame) {
      Map<Object, @Nullable Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        map.put(Values.key(frame.value(keys.get(i))), frame.value(values.get(i)));
      }
      return map;
    }
  }

  /** {@code a.b} */
  record Attribute(Expression of, String name) implements Expression {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      return Lookup.attribute(frame.value(of), name);
    }
  }

  /** {@code a[b]} */
  record Item(Expression of, Expression index) implements Expression {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      Object value = frame.value(of);
      if (value instanceof String) {
        frame.budget().spendWalk(value);
      }
      return Lookup.item(value, frame.value(index));
    }
  }

  /** {@code a[from:to:step]} */
  record Slice(
      Expression of, @Nullable Expression from, @Nullable Expression to, @Nullable Expression step)
      implements Expression {
    @Override
    public Object evaluate(Frame frame) {
      Object value = frame.value(of);
      Long first = bound(from, frame);
      Long end = bound(to, frame);
      Long by = bound(step, frame);
      return Lookup.slice(value, first, end, by, frame.budget());
    }

    private static @Nullable Long bound(@Nullable Expression bound, Frame frame) {
      Object value = bound == null ? null : frame.value(bound);
      return value == null ? null : Values.wholeNumber(value, "a bound of a slice");
    }
  }

  /** {@code a(b, c=d)} */
  record Call(Expression callee, List<Expression> positional, Map<String, Expression> named)
      implements Expression {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      Object called = frame.value(callee);
      if (called instanceof Callable callable) {
        return callable.call(Arguments.evaluate(positional, named, frame), frame);
      }
      throw new TemplateException(
          called instanceof Undefined undefined
              ? undefined.reason() + "; it is called"
              : Values.kind(called) + " is called, which is no function");
    }
  }

  /** {@code a | filter(b, c=d)} */
  record Filtered(
      Expression of, String name, List<Expression> positional, Map<String, Expression> named)
      implements Expression {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      Object value = frame.value(of);
      return Filters.apply(name, value, Arguments.evaluate(positional, named, frame), frame);
    }
  }

  /** {@code a is test(b)} */
  record Tested(
      Expression of, String name, List<Expression> positional, Map<String, Expression> named)
      implements Expression {
    @Override
    public Object evaluate(Frame frame) {
      Object value = frame.value(of);
      return Tests.apply(name, value, Arguments.evaluate(positional, named, frame), frame);
    }
  }

  private static List<@Nullable Object> all(List<Expression> expressions, Frame frame) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Expression each : expressions) {
      values.add(frame.value(each));
    }
    return values;
  }
}
