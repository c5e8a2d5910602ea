package org.mobilefinetuner.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A macro: statements with a name and parameters, whose value is the text that they write.
 *
 * @param defaults one for each parameter, null where it has none
 */
record MacroDefinition(
    int line,
    String name,
    List<String> parameters,
    List<@Nullable Expression> defaults,
    List<Statement> body)
    implements Statement {

  @Override
  public Flow run(Frame frame) {
    frame.set(name, (Callable) (arguments, caller) -> call(arguments, frame));
    return Flow.NEXT;
  }

  private String call(Arguments arguments, Frame home) {
    Arguments.Bound bound = arguments.bind(name, parameters);
    Frame frame = home.capturing();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      Expression otherwise = defaults.get(i);
      if (bound.has(i)) {
        frame.set(parameter, bound.get(i));
      } else if (otherwise != null) {
        frame.set(parameter, frame.value(otherwise));
      } else {
        frame.set(parameter, new Undefined("parameter '" + parameter + "' was not provided"));
      }
    }
    frame.run(body);
    return frame.text();
  }
}
