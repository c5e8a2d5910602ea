package org.mobilefinetuner.android.shell;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options as {@code --name value} or {@code --name=value}, by name with underscores. */
final class Arguments {
  /** The command line is wrong: exit code 2. */
  static final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  private final Map<String, String> values = new LinkedHashMap<>();

  Arguments(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("--") || word.length() < 3) {
        throw new UsageException("expected an option such as --model, found \"" + word + "\"");
      }
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      if (equals < 0 && i + 1 == words.size()) {
        throw new UsageException("expected a value behind " + name + ", found nothing");
      }
      String value = equals < 0 ? words.get(++i) : word.substring(equals + 1);
      values.put(name.substring(2).replace('-', '_'), value);
    }
  }

  /** All options that were not asked for before, in their order. */
  Map<String, String> rest() {
    return values;
  }

  /** Demands that all options have been asked for. */
  void requireNoMore() {
    for (String name : values.keySet()) {
      throw new UsageException(
          "expected options of this command, found --" + name.replace('_', '-') + "; see --help");
    }
  }

  Path path(String name) {
    @Nullable Path path = pathOrNull(name);
    if (path == null) {
      throw new UsageException("expected --" + name.replace('_', '-') + ", found none");
    }
    return path;
  }

  @Nullable Path pathOrNull(String name) {
    String value = values.remove(name);
    return value == null ? null : Paths.get(value);
  }

  @Nullable String textOrNull(String name) {
    return values.remove(name);
  }

  String text(String name) {
    String value = values.remove(name);
    if (value == null) {
      throw new UsageException("expected --" + name.replace('_', '-') + ", found none");
    }
    return value;
  }

  int whole(String name, int otherwise) {
    String value = values.remove(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[1-9][0-9]{0,8}")) {
      throw new UsageException(
          "expected --"
              + name.replace('_', '-')
              + " to be a whole number of at least 1, found \""
              + value
              + "\"");
    }
    return Integer.parseInt(value);
  }
}
