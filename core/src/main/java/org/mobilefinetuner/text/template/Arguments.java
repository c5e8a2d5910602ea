package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that something is called with, as they were written. */
record Arguments(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {

  static Arguments evaluate(
      List<Expression> positional, Map<String, Expression> named, Frame frame) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Expression each : positional) {
      values.add(frame.value(each));
    }
    Map<String, @Nullable Object> byName = new LinkedHashMap<>();
    for (Map.Entry<String, Expression> each : named.entrySet()) {
      byName.put(each.getKey(), frame.value(each.getValue()));
    }
    return new Arguments(values, byName);
  }

  /** The same without the first ones. */
  Arguments from(int first) {
    return new Arguments(positional.subList(first, positional.size()), named);
  }

  Bound bind(String function, String... parameters) {
    return bind(function, Arrays.asList(parameters));
  }

  /**
   * The arguments in the order of the parameters, any of which may be missing.
   *
   * @throws TemplateException if there are more, others, or two for one
   */
  Bound bind(String function, List<String> parameters) {
    if (positional.size() > parameters.size()) {
      throw new TemplateException(
          function
              + " takes at most "
              + parameters.size()
              + " arguments, found "
              + positional.size());
    }
    var given = new boolean[parameters.size()];
    var values = new @Nullable Object[parameters.size()];
    for (int i = 0; i < positional.size(); i++) {
      given[i] = true;
      values[i] = positional.get(i);
    }
    for (Map.Entry<String, @Nullable Object> each : named.entrySet()) {
      int i = parameters.indexOf(each.getKey());
      if (i < 0 || given[i]) {
        throw new TemplateException(
            function
                + (i < 0 ? " has no argument '" : " has two values for its argument '")
                + each.getKey()
                + "'; it takes "
                + parameters);
      }
      given[i] = true;
      values[i] = each.getValue();
    }
    return new Bound(function, parameters, given, values);
  }

  /** Arguments by the number of their parameter. */
  record Bound(
      String function, List<String> parameters, boolean[] given, @Nullable Object[] values) {

    boolean has(int parameter) {
      return given[parameter];
    }

    /** The argument, which must be there. */
    @Nullable Object get(int parameter) {
      if (!given[parameter]) {
        throw new TemplateException(
            function + " needs the argument '" + parameters.get(parameter) + "'");
      }
      return values[parameter];
    }

    /** The argument, or null if it is missing or none. */
    @Nullable Object orNull(int parameter) {
      return values[parameter];
    }

    /** A text that must be there. */
    String text(int parameter) {
      Object value = get(parameter);
      if (value instanceof String text) {
        return text;
      }
      throw new TemplateException(
          function
              + " needs a text as '"
              + parameters.get(parameter)
              + "', found "
              + Values.kind(value));
    }

    boolean flag(int parameter) {
      return given[parameter] && Values.truth(values[parameter]);
    }

    long integer(int parameter, long otherwise) {
      if (!given[parameter]) {
        return otherwise;
      }
      return Values.wholeNumber(values[parameter], parameters.get(parameter) + " of " + function);
    }
  }
}
