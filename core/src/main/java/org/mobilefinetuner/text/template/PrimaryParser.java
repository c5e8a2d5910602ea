package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.template.Expression.Literal;
import org.mobilefinetuner.text.template.Token.Kind;

/**
 * Reads the operands of operators: names, literals and expressions in brackets, with the
 * attributes, indices, calls, filters and tests behind them.
 */
final class PrimaryParser {
  private final Tokens tokens;
  private final ExpressionParser expressions;

  PrimaryParser(Tokens tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /**
   * An operand with its signs.
   *
   * @param filtered whether filters and tests belong to it; those behind {@code -a} belong to the
   *     negative number
   */
  Expression signed(boolean filtered) {
    Expression value;
    if (tokens.current().isOperator("-") || tokens.current().isOperator("+")) {
      tokens.enter();
      boolean negated = tokens.next().text().equals("-");
      value = new Operation.Negative(signed(false), negated);
      tokens.leave();
    } else {
      value = primary();
    }
    value = postfix(value);
    return filtered ? filtersAndTests(value) : value;
  }

  private Expression primary() {
    Token token = tokens.current();
    return switch (token.kind()) {
      case NAME -> name();
      case STRING -> string();
      case INTEGER -> new Literal(wholeNumber(token));
      case FLOAT -> new Literal(Double.parseDouble(tokens.next().text()));
      default -> {
        if (tokens.skipOperator("(")) {
          yield inParentheses();
        } else if (tokens.skipOperator("[")) {
          yield list();
        } else if (tokens.skipOperator("{")) {
          yield dictionary();
        }
        throw tokens.unexpected("an expression");
      }
    };
  }

  private Expression name() {
    String name = tokens.current().text();
    if (name.equals("varargs") || name.equals("kwargs") || name.equals("caller")) {
      throw tokens.wrong("'" + name + "' of a macro is not supported; give it parameters");
    }
    tokens.next();
    return switch (name) {
      case "true", "True" -> new Literal(true);
      case "false", "False" -> new Literal(false);
      case "none", "None" -> new Literal(null);
      default -> new Expression.Name(name);
    };
  }

  /** A string, or several that stand one behind the other. */
  private Expression string() {
    var text = new StringBuilder();
    while (tokens.current().kind() == Kind.STRING) {
      text.append(tokens.next().text());
    }
    return new Literal(text.toString());
  }

  private Long wholeNumber(Token token) {
    try {
      Long number = Long.valueOf(token.text());
      tokens.next();
      return number;
    } catch (NumberFormatException e) {
      throw tokens.wrong("the number " + token.text() + " is too large");
    }
  }

  private Expression inParentheses() {
    if (tokens.skipOperator(")")) {
      return new Expression.TupleOf(new ArrayList<>());
    }
    Expression inside = expressions.several();
    tokens.expectOperator(")");
    return inside;
  }

  private Expression list() {
    List<Expression> items = new ArrayList<>();
    while (!tokens.current().isOperator("]")) {
      items.add(expressions.one());
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator("]");
    return new Expression.ListOf(items);
  }

  private Expression dictionary() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.current().isOperator("}")) {
      keys.add(expressions.one());
      tokens.expectOperator(":");
      values.add(expressions.one());
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator("}");
    return new Expression.DictionaryOf(keys, values);
  }

  private Expression postfix(Expression of) {
    Expression value = of;
    while (true) {
      if (tokens.skipOperator(".")) {
        value = attribute(value);
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.current().isOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression attribute(Expression of) {
    if (tokens.current().kind() == Kind.INTEGER) {
      return new Expression.Item(of, new Literal(wholeNumber(tokens.current())));
    }
    return new Expression.Attribute(of, tokens.expectName("the name of an attribute"));
  }

  private Expression subscript(Expression of) {
    Expression from = bound();
    Expression subscript;
    if (!tokens.skipOperator(":")) {
      if (from == null) {
        throw tokens.unexpected("an index");
      }
      subscript = new Expression.Item(of, from);
    } else {
      Expression to = bound();
      Expression step = tokens.skipOperator(":") ? bound() : null;
      subscript = new Expression.Slice(of, from, to, step);
    }
    tokens.expectOperator("]");
    return subscript;
  }

  private @Nullable Expression bound() {
    boolean absent = tokens.current().isOperator(":") || tokens.current().isOperator("]");
    return absent ? null : expressions.one();
  }

  private Expression call(Expression callee) {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = arguments(positional);
    return new Expression.Call(callee, positional, named);
  }

  /** Reads arguments in parentheses. */
  private Map<String, Expression> arguments(List<Expression> positional) {
    Map<String, Expression> named = new LinkedHashMap<>();
    tokens.expectOperator("(");
    while (!tokens.current().isOperator(")")) {
      if (tokens.current().isOperator("*") || tokens.current().isOperator("**")) {
        throw tokens.wrong("arguments from a list or dictionary (* and **) are not supported");
      }
      if (tokens.current().kind() == Kind.NAME && tokens.following().isOperator("=")) {
        String name = tokens.next().text();
        tokens.next();
        if (named.put(name, expressions.one()) != null) {
          throw tokens.wrong("the argument '" + name + "' is given twice");
        }
      } else if (named.isEmpty()) {
        positional.add(expressions.one());
      } else {
        throw tokens.unexpected("an argument with a name, as those before it");
      }
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    return named;
  }

  private Expression filtersAndTests(Expression of) {
    Expression value = of;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.current().isOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression filter(Expression of) {
    int line = tokens.current().line();
    String name = tokens.expectName("the name of a filter");
    Filters.require(name, line);
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named =
        tokens.current().isOperator("(") ? arguments(positional) : new LinkedHashMap<>();
    return new Expression.Filtered(of, name, positional, named);
  }

  private Expression test(Expression of) {
    boolean negated = tokens.skipName("not");
    int line = tokens.current().line();
    String name = tokens.expectName("the name of a test");
    Tests.require(name, line);
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    if (tokens.current().isOperator("(")) {
      named = arguments(positional);
    } else if (beginsOperand()) {
      positional.add(postfix(primary()));
    }
    Expression test = new Expression.Tested(of, name, positional, named);
    return negated ? new Operation.Not(test) : test;
  }

  /** Whether a test has an argument without parentheses, as in {@code a is divisibleby 3}. */
  private boolean beginsOperand() {
    Token token = tokens.current();
    return switch (token.kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> token.isOperator("[") || token.isOperator("{");
      case NAME -> {
        if (token.isName("is")) {
          throw tokens.wrong("a test of a test needs parentheses");
        }
        yield !token.isName("else") && !token.isName("or") && !token.isName("and");
      }
      default -> false;
    };
  }
}
