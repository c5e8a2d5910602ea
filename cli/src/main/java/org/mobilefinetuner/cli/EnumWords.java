package org.mobilefinetuner.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the constants of an enumeration as people write them: as-is, AS_IS or as_is. */
final class EnumWords<E> implements ITypeConverter<E> {
  private final Class<E> type;

  /**
   * @param type an enumeration
   */
  EnumWords(Class<E> type) {
    this.type = type;
  }

  /** The word for a constant. */
  static String word(Object constant) {
    return constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public E convert(String value) {
    E[] all = type.getEnumConstants();
    for (E constant : all) {
      if (word(constant).equalsIgnoreCase(value.replace('_', '-'))) {
        return constant;
      }
    }
    List<String> words = Arrays.stream(all).map(EnumWords::word).toList();
    throw new TypeConversionException(
        "expected one of " + String.join(", ", words) + ", found \"" + value + "\"");
  }
}
