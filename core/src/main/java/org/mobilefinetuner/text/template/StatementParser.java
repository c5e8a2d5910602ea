package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.template.Token.Kind;

/** Makes statements of the tokens of a template. */
final class StatementParser {
  private static final String SUPPORTED =
      "if, for, set, macro, break, continue, generation and raw";

  private final Tokens tokens;
  private final ExpressionParser expressions;

  /** Loops around the current statement that it can leave. */
  private int loops;

  private StatementParser(Tokens tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  static List<Statement> parse(List<Token> tokens) {
    return new StatementParser(new Tokens(tokens)).bodyUntil();
  }

  /** The statements up to a block with one of these names, whose name is the current token then. */
  private List<Statement> bodyUntil(String... ends) {
    tokens.enter();
    List<Statement> body = new ArrayList<>();
    while (true) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> body.add(new Statement.Text(token.line(), token.text()));
        case OUTPUT_BEGIN -> {
          body.add(new Statement.Output(token.line(), expressions.several()));
          tokens.expect(Kind.OUTPUT_END, "}}");
        }
        case BLOCK_BEGIN -> {
          if (Arrays.asList(ends).contains(tokens.current().text())) {
            tokens.leave();
            return body;
          }
          body.add(statement());
          tokens.expect(Kind.BLOCK_END, "%}");
        }
        default -> {
          if (ends.length > 0) {
            throw tokens.unexpected("{% " + ends[ends.length - 1] + " %}");
          }
          tokens.leave();
          return body;
        }
      }
    }
  }

  /** The statement whose name is the current token. */
  private Statement statement() {
    int line = tokens.current().line();
    String name = tokens.expectName("the name of a statement");
    return switch (name) {
      case "if" -> condition(line);
      case "for" -> loop(line);
      case "set" -> assignment(line);
      case "macro" -> macro(line);
      case "generation" -> {
        tokens.expect(Kind.BLOCK_END, "%}");
        yield new Statement.Generation(line, separateBody("endgeneration"));
      }
      case "break" -> jump(line, Flow.BREAK);
      case "continue" -> jump(line, Flow.CONTINUE);
      default ->
          throw new TemplateException(
              line,
              name.startsWith("end") || name.startsWith("el")
                  ? "{% " + name + " %} has no beginning"
                  : "{% " + name + " %} is not supported; supported are " + SUPPORTED);
    };
  }

  /** A body that cannot leave the loops around it. The end of it is passed. */
  private List<Statement> separateBody(String end) {
    int around = loops;
    loops = 0;
    List<Statement> body = bodyUntil(end);
    loops = around;
    tokens.next();
    return body;
  }

  private Statement jump(int line, Flow flow) {
    if (loops == 0) {
      throw new TemplateException(line, "break and continue need a loop around them");
    }
    return new Statement.Jump(line, flow);
  }

  /** An {@code if} or {@code elif} after its name; its {@code endif} is passed. */
  private Statement condition(int line) {
    Expression condition = expressions.severalUnconditional();
    tokens.expect(Kind.BLOCK_END, "%}");
    List<Statement> then = bodyUntil("elif", "else", "endif");
    List<Statement> otherwise = new ArrayList<>();
    int next = tokens.current().line();
    String end = tokens.next().text();
    if (end.equals("elif")) {
      tokens.enter();
      otherwise.add(condition(next));
      tokens.leave();
    } else if (end.equals("else")) {
      tokens.expect(Kind.BLOCK_END, "%}");
      otherwise = bodyUntil("endif");
      tokens.next();
    }
    return new Statement.If(line, condition, then, otherwise);
  }

  private Statement loop(int line) {
    Target target = target(false);
    if (!tokens.skipName("in")) {
      throw tokens.unexpected("'in'");
    }
    Expression items = expressions.severalUnconditional();
    Expression filter = tokens.skipName("if") ? expressions.one() : null;
    if (tokens.current().isName("recursive")) {
      throw tokens.wrong("a recursive loop is not supported; write a macro");
    }
    tokens.expect(Kind.BLOCK_END, "%}");
    loops++;
    List<Statement> body = bodyUntil("else", "endfor");
    loops--;
    List<Statement> otherwise = new ArrayList<>();
    if (tokens.next().isName("else")) {
      tokens.expect(Kind.BLOCK_END, "%}");
      otherwise = bodyUntil("endfor");
      tokens.next();
    }
    return new Statement.For(line, target, items, filter, body, otherwise);
  }

  private Statement assignment(int line) {
    Target target = target(true);
    if (tokens.skipOperator("=")) {
      return new Statement.Set(line, target, expressions.several());
    }
    if (tokens.current().isOperator("|")) {
      throw tokens.wrong("a filter on {% set %}...{% endset %} is not supported");
    }
    tokens.expect(Kind.BLOCK_END, "'=' or %}");
    return new Statement.Capture(line, target, separateBody("endset"));
  }

  /** A target, or several with commas between them. */
  private Target target(boolean attributes) {
    boolean bracket = tokens.skipOperator("(");
    Target first = singleTarget(attributes);
    List<Target> targets = new ArrayList<>();
    targets.add(first);
    boolean several = false;
    while (tokens.skipOperator(",")) {
      several = true;
      targets.add(singleTarget(attributes));
    }
    if (bracket) {
      tokens.expectOperator(")");
    }
    return several ? new Target.Several(targets) : first;
  }

  private Target singleTarget(boolean attributes) {
    if (tokens.current().isName("in")) {
      throw tokens.unexpected("the name of a variable");
    }
    String name = tokens.expectName("the name of a variable");
    if (attributes && tokens.skipOperator(".")) {
      return new Target.Attribute(name, tokens.expectName("the name of an attribute"));
    }
    return new Target.Variable(name);
  }

  private Statement macro(int line) {
    String name = tokens.expectName("the name of a macro");
    List<String> parameters = new ArrayList<>();
    List<@Nullable Expression> defaults = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.current().isOperator(")")) {
      parameters.add(tokens.expectName("the name of a parameter"));
      defaults.add(tokens.skipOperator("=") ? expressions.one() : null);
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    tokens.expect(Kind.BLOCK_END, "%}");
    return new MacroDefinition(line, name, parameters, defaults, separateBody("endmacro"));
  }
}
