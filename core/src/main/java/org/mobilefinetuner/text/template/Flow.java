package org.mobilefinetuner.text.template;

/** Where a template goes on after a statement. */
enum Flow {
  NEXT,
  /** After the loop. */
  BREAK,
  /** At the loop's next item. */
  CONTINUE
}
