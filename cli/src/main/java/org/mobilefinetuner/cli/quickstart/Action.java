package org.mobilefinetuner.cli.quickstart;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a command asks of the house: an intent and the values of its named slots.
 *
 * <p>Written as {@code turn_off(device: floor lamp, room: reading corner)}. Two actions are equal
 * when their intents and slots are, in whatever order and spacing they were written.
 *
 * @param intent a word of lower-case letters and underscores, e.g. {@code turn_off}
 * @param slots values by slot name; unmodifiable
 */
public record Action(String intent, SortedMap<String, String> slots) {
  private static final String WORD = "[a-z][a-z_]*";
  private static final String VALUE = "[^\\s():,]+(?: +[^\\s():,]+)*";
  private static final Pattern SLOT =
      Pattern.compile("(" + WORD + ") *: *(" + VALUE + ") *(?:,(?= *[a-z])|$) *");
  private static final Pattern CALL = Pattern.compile("(" + WORD + ") *\\( *([^()]*)\\)");
  private static final Pattern SPACES = Pattern.compile(" +");

  public Action {
    if (!intent.matches(WORD)) {
      throw new IllegalArgumentException(
          "intent: expected lower-case letters and underscores, found <"
              + intent
              + ">: rename it, e.g. turn_off");
    }
    for (Map.Entry<String, String> slot : slots.entrySet()) {
      if (!slot.getKey().matches(WORD) || !slot.getValue().matches(VALUE)) {
        throw new IllegalArgumentException(
            "slot: expected a lower-case name and a value without ( ) : , found <"
                + slot.getKey()
                + ": "
                + slot.getValue()
                + ">: rename it, e.g. room: reading corner");
      }
    }
    slots = Collections.unmodifiableSortedMap(new TreeMap<>(slots));
  }

  /** The action that a line says, or nothing if the line is not exactly one well-formed action. */
  public static Optional<Action> parse(String line) {
    Matcher call = CALL.matcher(line.strip());
    if (!call.matches()) {
      return Optional.empty();
    }
    var slots = new TreeMap<String, String>();
    Matcher slot = SLOT.matcher(call.group(2));
    int end = 0;
    while (end < call.group(2).length()) {
      if (!slot.find(end) || slot.start() != end) {
        return Optional.empty();
      }
      String value = SPACES.matcher(slot.group(2)).replaceAll(" ");
      if (slots.put(slot.group(1), value) != null) {
        return Optional.empty();
      }
      end = slot.end();
    }
    return Optional.of(new Action(call.group(1), slots));
  }

  @Override
  public String toString() {
    var text = new StringBuilder(intent).append('(');
    String separator = "";
    for (Map.Entry<String, String> slot : slots.entrySet()) {
      text.append(separator).append(slot.getKey()).append(": ").append(slot.getValue());
      separator = ", ";
    }
    return text.append(')').toString();
  }
}
