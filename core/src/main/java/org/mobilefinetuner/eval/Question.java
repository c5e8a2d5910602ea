package org.mobilefinetuner.eval;

import java.util.List;

/**
 * A question whose answer is the likeliest of a few continuations.
 *
 * @param gold the number of the right option
 */
public record Question(List<Option> options, int gold) {
  public Question {
    if (options.size() < 2 || gold < 0 || gold >= options.size()) {
      throw new IllegalArgumentException(
          "expected at least 2 options and one of them right, found "
              + options.size()
              + " and number "
              + gold);
    }
    options = List.copyOf(options);
  }

  /**
   * What is scored: log p(continuation | context).
   *
   * @param context of at least one character
   * @param choice by whose length the score may be divided
   */
  public record Option(String context, String continuation, String choice) {
    /** A choice behind a space. */
    static Option of(String context, String choice) {
      return new Option(context, " " + choice, choice);
    }
  }
}
