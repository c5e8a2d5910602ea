package org.mobilefinetuner.text.template;

import java.util.List;
import org.mobilefinetuner.text.template.Token.Kind;

/** The tokens of a template and how far they were read. */
final class Tokens {
  private static final int MAX_NESTING = 100;

  private final List<Token> tokens;
  private int at;
  private int nesting;

  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  /** The token after the current one. */
  Token following() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  /** The current token, which is passed. */
  Token next() {
    Token token = current();
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean skipOperator(String operator) {
    return skipIf(current().isOperator(operator));
  }

  boolean skipName(String name) {
    return skipIf(current().isName(name));
  }

  private boolean skipIf(boolean there) {
    if (there) {
      next();
    }
    return there;
  }

  Token expect(Kind kind, String what) {
    if (current().kind() != kind) {
      throw unexpected(what);
    }
    return next();
  }

  String expectName(String what) {
    return expect(Kind.NAME, what).text();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  /** Something begins inside of something; each is left again with {@link #leave}. */
  void enter() {
    if (++nesting > MAX_NESTING) {
      throw wrong("nested deeper than " + MAX_NESTING + " levels, which no template needs");
    }
  }

  void leave() {
    nesting--;
  }

  TemplateException unexpected(String wanted) {
    return wrong("expected " + wanted + ", found " + current().shown());
  }

  TemplateException wrong(String what) {
    return new TemplateException(current().line(), what);
  }
}
