package org.mobilefinetuner.text.template;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The tests, {@code value is name(argument)}, by their name. */
final class Tests {
  /** What is asked of a value. */
  @FunctionalInterface
  private interface Test {
    boolean passes(@Nullable Object value, Arguments arguments);
  }

  private static final Map<String, Test> ALL = all();

  private Tests() {}

  private static Map<String, Test> all() {
    Map<String, Test> tests = new TreeMap<>();
    add(tests, "defined", value -> !(value instanceof Undefined));
    add(tests, "undefined", value -> value instanceof Undefined);
    add(tests, "none", value -> value == null);
    add(tests, "boolean", value -> value instanceof Boolean);
    add(tests, "true", value -> value instanceof Boolean flag && flag);
    add(tests, "false", value -> value instanceof Boolean flag && !flag);
    add(tests, "integer", value -> value instanceof Long);
    add(tests, "float", value -> value instanceof Double);
    add(tests, "number", value -> Values.number(value) instanceof Number);
    add(tests, "string", value -> value instanceof String);
    add(tests, "mapping", value -> value instanceof Map);
    add(tests, "iterable", Values::isIterable);
    add(tests, "sequence", Tests::isSequence);
    add(tests, "callable", value -> value instanceof Callable);
    add(tests, "odd", value -> remainder(value, 2) == 1);
    add(tests, "even", value -> remainder(value, 2) == 0);
    tests.put(
        "divisibleby",
        (value, arguments) -> {
          Object by = arguments.bind("divisibleby", "num").get(0);
          return remainder(value, Values.wholeNumber(by, "the divisor")) == 0;
        });
    tests.put(
        "in", (value, arguments) -> Values.contains(arguments.bind("in", "seq").get(0), value));
    compare(tests, "==", "equalto", "eq", "==");
    compare(tests, "!=", "ne", "!=");
    compare(tests, "<", "lt", "lessthan", "<");
    compare(tests, "<=", "le", "<=");
    compare(tests, ">", "gt", "greaterthan", ">");
    compare(tests, ">=", "ge", ">=");
    return Collections.unmodifiableMap(tests);
  }

  private static void add(Map<String, Test> to, String name, Predicate<@Nullable Object> test) {
    to.put(
        name,
        (value, arguments) -> {
          arguments.bind(name);
          return test.test(value);
        });
  }

  private static void compare(Map<String, Test> to, String operator, String... names) {
    for (String name : names) {
      to.put(
          name,
          (value, arguments) ->
              Operation.Comparison.compare(value, operator, arguments.bind(name, "other").get(0)));
    }
  }

  /** What has a length and indices, or keys: in jinja2 also a text and what is undefined. */
  private static boolean isSequence(@Nullable Object value) {
    return value instanceof List
        || value instanceof Tuple
        || value instanceof String
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static long remainder(@Nullable Object value, long by) {
    if (by == 0) {
      throw new TemplateException("nothing is divisible by zero");
    }
    return Math.floorMod(Values.wholeNumber(value, "what is divided"), by);
  }

  /** Complains about a test that does not exist here. */
  static void require(String name, int line) {
    if (!ALL.containsKey(name)) {
      throw new TemplateException(
          line,
          "the test '"
              + name
              + "' is not supported; supported are "
              + String.join(", ", ALL.keySet()));
    }
  }

  static boolean apply(String name, @Nullable Object value, Arguments arguments, Frame frame) {
    Test test = ALL.get(name);
    if (test == null) { // a name that was computed: select(name)
      throw new TemplateException("the test '" + name + "' is not supported");
    }
    for (Object each : arguments.positional()) {
      frame.budget().spendWalk(each);
    }
    return test.passes(value, arguments);
  }
}
