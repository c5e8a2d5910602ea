package org.mobilefinetuner.text.template;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that every template can call. */
final class Functions {
  private Functions() {}

  static void define(Frame globals, Clock clock) {
    define(globals, "raise_exception", (arguments, frame) -> raise(arguments));
    define(globals, "namespace", (arguments, frame) -> namespace(arguments));
    define(globals, "dict", (arguments, frame) -> dictionary("dict", arguments));
    define(globals, "range", Functions::range);
    define(
        globals,
        "strftime_now",
        (arguments, frame) -> {
          String format = arguments.bind("strftime_now", "format").text(0);
          return Strftime.format(format, LocalDateTime.now(clock));
        });
  }

  private static void define(Frame globals, String name, Callable function) {
    globals.set(name, function);
  }

  private static Object raise(Arguments arguments) {
    Object message = arguments.bind("raise_exception", "message").get(0);
    throw new TemplateException(
        "the template refuses this conversation: " + PythonText.of(message));
  }

  private static Namespace namespace(Arguments arguments) {
    var namespace = new Namespace();
    for (Map.Entry<Object, @Nullable Object> each : dictionary("namespace", arguments).entrySet()) {
      namespace.set(each.getKey().toString(), each.getValue());
    }
    return namespace;
  }

  private static Map<Object, @Nullable Object> dictionary(String name, Arguments arguments) {
    Map<Object, @Nullable Object> map = new LinkedHashMap<>();
    for (Object each : arguments.positional()) {
      if (!(each instanceof Map<?, ?> given) || arguments.positional().size() > 1) {
        throw new TemplateException(name + " takes names with values, or one dictionary");
      }
      for (Map.Entry<?, ?> entry : given.entrySet()) {
        map.put(Values.key(entry.getKey()), entry.getValue());
      }
    }
    map.putAll(arguments.named());
    return map;
  }

  private static Object range(Arguments arguments, Frame frame) {
    Arguments.Bound bound = arguments.bind("range", "start", "stop", "step");
    long start = bound.has(1) ? bound.integer(0, 0) : 0;
    long stop = bound.has(1) ? bound.integer(1, 0) : bound.integer(0, 0);
    long step = bound.integer(2, 1);
    if (step == 0 || !bound.has(0)) {
      throw new TemplateException("range needs an end, and a step other than zero");
    }
    List<@Nullable Object> numbers = new ArrayList<>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      frame.budget().spendNumbers(1);
      numbers.add(i);
    }
    return numbers;
  }
}
