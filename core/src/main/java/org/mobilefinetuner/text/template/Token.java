package org.mobilefinetuner.text.template;

/**
 * A piece of a template's source.
 *
 * @param text of a string what it means, otherwise how it is written
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    /** Text outside of tags. */
    DATA,
    /** <code>{{</code> */
    OUTPUT_BEGIN,
    OUTPUT_END,
    /** <code>{%</code> */
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  /** The token as a complaint shows it. */
  String shown() {
    return switch (kind) {
      case DATA -> "text";
      case OUTPUT_BEGIN -> "{{";
      case OUTPUT_END -> "}}";
      case BLOCK_BEGIN -> "{%";
      case BLOCK_END -> "%}";
      case END -> "the end of the template";
      default -> "'" + text + "'";
    };
  }
}
