package org.mobilefinetuner.text.template;

/** A template cannot be read or rendered; the message says why, {@link #line} where. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  TemplateException(String message) {
    this(0, message);
  }

  TemplateException(int line, String message) {
    super(message);
    this.line = line;
  }

  private TemplateException(int line, TemplateException cause) {
    super(cause.getMessage(), cause);
    this.line = line;
  }

  /** The line of the template, counted from 1; 0 where none is to blame. */
  public int line() {
    return line;
  }

  /** The same complaint with a line, if it has none yet. */
  TemplateException at(int statement) {
    return line > 0 ? this : new TemplateException(statement, this);
  }
}
