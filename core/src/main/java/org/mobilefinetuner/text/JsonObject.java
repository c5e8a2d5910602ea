package org.mobilefinetuner.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small JSON object that knows where in which file it stands, so that a complaint about a field
 * can say so.
 *
 * <p>For the parts of a tokenizer file that are small. The vocabulary and the merges are read as a
 * stream.
 */
final class JsonObject {
  /** Field names are not kept: a vocabulary is a quarter of a million of them. */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final String place;
  private final Map<String, @Nullable Object> fields;

  private JsonObject(String place, Map<String, @Nullable Object> fields) {
    this.place = place;
    this.fields = fields;
  }

  /** The object that a file holds. */
  static JsonObject readFile(Path file) throws IOException {
    try (JsonParser parser = FACTORY.createParser(file.toFile())) {
      parser.nextToken();
      return read(parser, file.toString());
    }
  }

  /** The object that begins at the parser's current token. */
  static JsonObject read(JsonParser parser, String place) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new IOException(place + " must be an object, but begins with " + parser.getText());
    }
    return new JsonObject(place, fields(parser));
  }

  private static Map<String, @Nullable Object> fields(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(parser));
    }
    return fields;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> fields(parser);
      case START_ARRAY -> values(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> wholeNumber(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** A Long, or a Double for what is larger: model_max_length is 10³⁰ in many a folder. */
  private static Object wholeNumber(JsonParser parser) throws IOException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      return parser.getDoubleValue();
    }
    return parser.getLongValue();
  }

  private static List<@Nullable Object> values(JsonParser parser) throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser));
    }
    return list;
  }

  /** Where the object stands: the file and the path of field names. */
  String place() {
    return place;
  }

  /** The names of all fields, in the order of the file. */
  Iterable<String> names() {
    return fields.keySet();
  }

  /** Whether the field is there and not null. */
  boolean has(String name) {
    return fields.get(name) != null;
  }

  /** A text that must be there. */
  String text(String name) throws IOException {
    String text = textOrNull(name);
    if (text == null) {
      throw wrong("needs the field \"" + name + "\", it has " + fields.keySet());
    }
    return text;
  }

  /** A text, or null if it is absent or null. */
  @Nullable String textOrNull(String name) throws IOException {
    return typed(name, String.class, "a text");
  }

  /** The one character of a text that must be there. */
  char character(String name, char ifAbsent) throws IOException {
    String text = textOrNull(name);
    if (text == null) {
      return ifAbsent;
    }
    if (text.length() != 1) {
      throw wrong("needs one character in \"" + name + "\", found \"" + text + "\"");
    }
    return text.charAt(0);
  }

  /** A boolean. */
  boolean flag(String name, boolean ifAbsent) throws IOException {
    Boolean flag = typed(name, Boolean.class, "true or false");
    return flag == null ? ifAbsent : flag;
  }

  /** A whole number that an int holds. */
  int integer(String name, int ifAbsent) throws IOException {
    Long number = typed(name, Long.class, "a whole number");
    if (number == null) {
      return ifAbsent;
    }
    if (number != number.intValue()) {
      throw wrong("has " + number + " in \"" + name + "\", which is too large");
    }
    return number.intValue();
  }

  /** An object, or null if it is absent, null or of another kind. */
  @Nullable JsonObject objectOrNull(String name) {
    return object(name, fields.get(name));
  }

  /** An object that must be there. */
  JsonObject object(String name) throws IOException {
    JsonObject object = objectOrNull(name);
    if (object == null) {
      throw wrong("needs an object \"" + name + "\"");
    }
    return object;
  }

  /** The objects of a list; an absent list is empty. */
  List<JsonObject> objects(String name) throws IOException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object each : list(name)) {
      JsonObject object = object(name + "[" + objects.size() + "]", each);
      if (object == null) {
        throw wrong("needs objects in \"" + name + "\", found " + each);
      }
      objects.add(object);
    }
    return objects;
  }

  /** The values of a list; an absent list is empty. */
  List<?> list(String name) throws IOException {
    List<?> list = typed(name, List.class, "a list");
    return list == null ? new ArrayList<>() : list;
  }

  /** The value of a field as the file has it. */
  @Nullable Object raw(String name) {
    return fields.get(name);
  }

  @SuppressWarnings("unchecked") // value() makes no other maps
  private @Nullable JsonObject object(String name, @Nullable Object value) {
    return value instanceof Map
        ? new JsonObject(place + "." + name, (Map<String, @Nullable Object>) value)
        : null;
  }

  private <T> @Nullable T typed(String name, Class<T> type, String what) throws IOException {
    Object value = fields.get(name);
    if (value != null && !type.isInstance(value)) {
      throw wrong("needs " + what + " in \"" + name + "\", found " + value);
    }
    return value == null ? null : type.cast(value);
  }

  /** A complaint about this object. */
  IOException wrong(String what) {
    return new IOException(place + " " + what);
  }

  /** A complaint that its type is not one of those that exist here. */
  IOException unsupported(String kinds) {
    return wrong("has the type \"" + fields.get("type") + "\"; supported: " + kinds);
  }
}
