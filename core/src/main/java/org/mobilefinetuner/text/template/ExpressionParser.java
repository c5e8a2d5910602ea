package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.template.Expression.TupleOf;
import org.mobilefinetuner.text.template.Token.Kind;

/**
 * Reads expressions, from the weakest operator to the strongest as jinja2 orders them: {@code if
 * else}, {@code or}, {@code and}, {@code not}, comparisons, {@code + -}, {@code ~}, <code>* / // %
 * </code>, {@code **}, signs; what binds stronger is read by {@link PrimaryParser}.
 */
final class ExpressionParser {
  private static final List<String> COMPARISONS = Arrays.asList("==", "!=", "<", "<=", ">", ">=");

  private final Tokens tokens;
  private final PrimaryParser primaries;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
    this.primaries = new PrimaryParser(tokens, this);
  }

  /** An expression, or several with commas between them, which are a tuple. */
  Expression several() {
    return tupleOf(this::one);
  }

  /** The same without an {@code if} of its own: after a value it belongs to a loop. */
  Expression severalUnconditional() {
    return tupleOf(this::either);
  }

  private Expression tupleOf(Supplier<Expression> read) {
    Expression first = read.get();
    if (!tokens.current().isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>();
    items.add(first);
    while (tokens.skipOperator(",") && !atEnd()) {
      items.add(read.get());
    }
    return new TupleOf(items);
  }

  private boolean atEnd() {
    Kind kind = tokens.current().kind();
    return kind == Kind.OUTPUT_END || kind == Kind.BLOCK_END || tokens.current().isOperator(")");
  }

  /** One expression. */
  Expression one() {
    tokens.enter();
    Expression value = either();
    while (tokens.skipName("if")) {
      Expression condition = either();
      Expression otherwise = tokens.skipName("else") ? one() : null;
      value = new Operation.Conditional(value, condition, otherwise);
    }
    tokens.leave();
    return value;
  }

  private Expression either() {
    Expression left = both();
    while (tokens.skipName("or")) {
      left = new Operation.Or(left, both());
    }
    return left;
  }

  private Expression both() {
    Expression left = negation();
    while (tokens.skipName("and")) {
      left = new Operation.And(left, negation());
    }
    return left;
  }

  private Expression negation() {
    if (!tokens.skipName("not")) {
      return comparison();
    }
    tokens.enter();
    Expression value = new Operation.Not(negation());
    tokens.leave();
    return value;
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> rest = new ArrayList<>();
    for (String operator = comparator(); operator != null; operator = comparator()) {
      operators.add(operator);
      rest.add(sum());
    }
    return operators.isEmpty() ? first : new Operation.Comparison(first, operators, rest);
  }

  private @Nullable String comparator() {
    Token token = tokens.current();
    if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
      return tokens.next().text();
    }
    if (tokens.skipName("in")) {
      return "in";
    }
    if (token.isName("not") && tokens.following().isName("in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    Expression left = joined();
    while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
      left = new Operation.Binary(left, tokens.next().text(), joined());
    }
    return left;
  }

  private Expression joined() {
    List<Expression> parts = new ArrayList<>();
    do {
      parts.add(product());
    } while (tokens.skipOperator("~"));
    return parts.size() == 1 ? parts.get(0) : new Operation.Joined(parts);
  }

  private Expression product() {
    Expression left = power();
    while (tokens.current().isOperator("*")
        || tokens.current().isOperator("/")
        || tokens.current().isOperator("//")
        || tokens.current().isOperator("%")) {
      left = new Operation.Binary(left, tokens.next().text(), power());
    }
    return left;
  }

  private Expression power() {
    Expression left = primaries.signed(true);
    while (tokens.current().isOperator("**")) {
      left = new Operation.Binary(left, tokens.next().text(), primaries.signed(true));
    }
    return left;
  }
}
