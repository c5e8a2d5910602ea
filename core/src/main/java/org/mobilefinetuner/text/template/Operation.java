package org.mobilefinetuner.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression with an operator. */
sealed interface Operation extends Expression
    permits Operation.And,
        Operation.Or,
        Operation.Not,
        Operation.Negative,
        Operation.Binary,
        Operation.Joined,
        Operation.Comparison,
        Operation.Conditional {

  /** The first operand that decides, as in Python: {@code '' and x} is {@code ''}. */
  record And(Expression left, Expression right) implements Operation {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      Object value = frame.value(left);
      return Values.truth(value) ? frame.value(right) : value;
    }
  }

  /** The first operand that decides: {@code '' or x} is {@code x}. */
  record Or(Expression left, Expression right) implements Operation {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      Object value = frame.value(left);
      return Values.truth(value) ? value : frame.value(right);
    }
  }

  /** {@code not a} */
  record Not(Expression of) implements Operation {
    @Override
    public Object evaluate(Frame frame) {
      return !frame.truth(of);
    }
  }

  /** {@code -a}, and {@code +a} where not {@code negated}. */
  record Negative(Expression of, boolean negated) implements Operation {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      return Arithmetic.signed(frame.value(of), negated);
    }
  }

  /** Arithmetic; texts and lists can be added and multiplied too. */
  record Binary(Expression left, String operator, Expression right) implements Operation {
    @Override
    public Object evaluate(Frame frame) {
      Object a = frame.value(left);
      return Arithmetic.apply(a, operator, frame.value(right), frame.budget());
    }
  }

  /** {@code a ~ b ~ c}: the texts of values, one behind the other. */
  record Joined(List<Expression> parts) implements Operation {
    @Override
    public Object evaluate(Frame frame) {
      var text = new StringBuilder();
      for (Expression each : parts) {
        text.append(PythonText.of(frame.value(each)));
        frame.budget().requireLength(text.length());
      }
      frame.budget().spend(text.length());
      return text.toString();
    }
  }

  /** {@code a < b <= c}: true if each operator is, from left to right. */
  record Comparison(Expression first, List<String> operators, List<Expression> rest)
      implements Operation {
    @Override
    public Object evaluate(Frame frame) {
      Object left = frame.value(first);
      for (int i = 0; i < rest.size(); i++) {
        Object right = frame.value(rest.get(i));
        frame.budget().spendWalk(right);
        if (!compare(left, operators.get(i), right)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    static boolean compare(@Nullable Object left, String operator, @Nullable Object right) {
      return switch (operator) {
        case "==" -> Values.equal(left, right);
        case "!=" -> !Values.equal(left, right);
        case "<" -> Values.compare(left, right) < 0;
        case "<=" -> Values.compare(left, right) <= 0;
        case ">" -> Values.compare(left, right) > 0;
        case ">=" -> Values.compare(left, right) >= 0;
        case "in" -> Values.contains(right, left);
        case "not in" -> !Values.contains(right, left);
        default -> throw new IllegalArgumentException(operator);
      };
    }
  }

  /** {@code a if condition else b}; without an else it may be undefined. */
  record Conditional(Expression then, Expression condition, @Nullable Expression otherwise)
      implements Operation {
    @Override
    public @Nullable Object evaluate(Frame frame) {
      if (frame.truth(condition)) {
        return frame.value(then);
      }
      return otherwise == null
          ? new Undefined("an if without else has no value where its condition is false")
          : frame.value(otherwise);
    }
  }
}
