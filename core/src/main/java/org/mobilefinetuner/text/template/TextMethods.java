package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of texts. */
final class TextMethods {
  private static final String SUPPORTED =
      "capitalize, count, endswith, find, index, isalnum, isalpha, isdigit, isspace, join, lower,"
          + " lstrip, removeprefix, removesuffix, replace, rfind, rsplit, rstrip, split, splitlines,"
          + " startswith, strip, title and upper";

  private TextMethods() {}

  static Object call(String text, String name, Arguments arguments, Budget budget) {
    budget.spend(text.length());
    return switch (name) {
      case "strip" -> Strings.strip(text, characters(name, arguments), true, true);
      case "lstrip" -> Strings.strip(text, characters(name, arguments), true, false);
      case "rstrip" -> Strings.strip(text, characters(name, arguments), false, true);
      case "upper", "lower", "title", "capitalize" -> {
        arguments.bind(name);
        yield withCase(text, name);
      }
      case "isdigit", "isalpha", "isalnum", "isspace" -> {
        arguments.bind(name);
        yield consistsOf(text, name);
      }
      case "split", "rsplit" -> split(text, name, arguments);
      case "splitlines" -> {
        arguments.bind(name);
        yield Strings.lines(text);
      }
      case "startswith" -> matches(text, name, arguments, String::startsWith);
      case "endswith" -> matches(text, name, arguments, String::endsWith);
      case "removeprefix" -> {
        String prefix = arguments.bind(name, "prefix").text(0);
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = arguments.bind(name, "suffix").text(0);
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "replace" -> {
        Arguments.Bound bound = arguments.bind(name, "old", "new", "count");
        yield Strings.replace(text, bound.text(0), bound.text(1), bound.integer(2, -1), budget);
      }
      case "find" -> Strings.find(text, arguments.bind(name, "sub").text(0), false);
      case "rfind" -> Strings.find(text, arguments.bind(name, "sub").text(0), true);
      case "index" -> {
        long at = Strings.find(text, arguments.bind(name, "sub").text(0), false);
        if (at < 0) {
          throw new TemplateException("index: the part is not in the text; find gives -1 then");
        }
        yield at;
      }
      case "count" -> Strings.count(text, arguments.bind(name, "sub").text(0));
      case "join" -> join(text, Values.list(arguments.bind(name, "iterable").get(0)), budget);
      default -> throw Methods.unsupported("a text", name, SUPPORTED);
    };
  }

  private static @Nullable String characters(String name, Arguments arguments) {
    Arguments.Bound bound = arguments.bind(name, "chars");
    return bound.orNull(0) == null ? null : bound.text(0);
  }

  private static String withCase(String text, String name) {
    return switch (name) {
      case "upper" -> Strings.upper(text);
      case "lower" -> Strings.lower(text);
      case "title" -> Strings.title(text);
      default -> Strings.capitalize(text);
    };
  }

  private static boolean consistsOf(String text, String name) {
    IntPredicate kind =
        switch (name) {
          case "isdigit" -> Character::isDigit;
          case "isalpha" -> Character::isLetter;
          case "isspace" -> Strings::isSpace;
          default -> Character::isLetterOrDigit;
        };
    return !text.isEmpty() && text.codePoints().allMatch(kind);
  }

  private static Object split(String text, String name, Arguments arguments) {
    Arguments.Bound bound = arguments.bind(name, "sep", "maxsplit");
    long limit = bound.integer(1, -1);
    if (bound.orNull(0) == null) {
      if (name.equals("rsplit") && limit >= 0) {
        throw new TemplateException("rsplit with a limit needs a separator");
      }
      return Strings.words(text, limit);
    }
    String separator = bound.text(0);
    if (separator.isEmpty()) {
      throw new TemplateException(name + " needs a separator that is not empty");
    }
    return name.equals("split")
        ? Strings.split(text, separator, limit)
        : Strings.splitFromRight(text, separator, limit);
  }

  /** Whether the text begins or ends with a text, or with one of a tuple of texts. */
  private static boolean matches(
      String text, String name, Arguments arguments, BiPredicate<String, String> test) {
    Arguments.Bound bound = arguments.bind(name, "prefix");
    List<@Nullable Object> parts = new ArrayList<>();
    if (bound.get(0) instanceof Tuple tuple) {
      parts.addAll(tuple.items());
    } else {
      parts.add(bound.text(0));
    }
    for (Object each : parts) {
      if (!(each instanceof String part)) {
        throw new TemplateException(name + " needs texts, found " + Values.kind(each));
      }
      if (test.test(text, part)) {
        return true;
      }
    }
    return false;
  }

  private static String join(String separator, List<@Nullable Object> parts, Budget budget) {
    for (Object each : parts) {
      if (!(each instanceof String)) {
        throw new TemplateException("join needs texts, found " + Values.kind(each));
      }
    }
    return joined(separator, parts, budget);
  }

  /** The texts of values with a separator between them. */
  static String joined(String separator, List<@Nullable Object> parts, Budget budget) {
    var text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      int before = text.length();
      text.append(i == 0 ? "" : separator).append(PythonText.of(parts.get(i)));
      budget.requireLength(text.length());
      budget.spend(text.length() - before);
    }
    return text.toString();
  }
}
