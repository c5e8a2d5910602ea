package org.mobilefinetuner.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the values of a {@link JsonObject} as text. */
final class JsonWriter {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonWriter() {}

  static String write(JsonObject object, boolean pretty) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      if (pretty) {
        generator.setPrettyPrinter(new DefaultPrettyPrinter());
      }
      write(generator, object);
    } catch (IOException e) {
      throw new IllegalStateException(e); // a StringWriter does not fail
    }
    return text.toString();
  }

  private static void write(JsonGenerator to, @Nullable Object value) throws IOException {
    if (value instanceof JsonObject object) {
      to.writeStartObject();
      for (Map.Entry<String, @Nullable Object> entry : object.entries()) {
        to.writeFieldName(entry.getKey());
        write(to, entry.getValue());
      }
      to.writeEndObject();
    } else if (value instanceof Iterable<?> list) {
      to.writeStartArray();
      for (Object element : list) {
        write(to, element);
      }
      to.writeEndArray();
    } else if (value instanceof int[] numbers) {
      to.writeArray(numbers, 0, numbers.length);
    } else if (value instanceof Number number) {
      write(to, number);
    } else if (value instanceof Boolean b) {
      to.writeBoolean(b);
    } else if (value == null) {
      to.writeNull();
    } else {
      to.writeString(value.toString());
    }
  }

  /** JSON knows no NaN and no infinity: they become null. */
  private static void write(JsonGenerator to, Number value) throws IOException {
    if (value instanceof BigInteger large) {
      to.writeNumber(large);
    } else if (!(value instanceof Double || value instanceof Float)) {
      to.writeNumber(value.longValue());
    } else if (!(Math.abs(value.doubleValue()) <= Double.MAX_VALUE)) {
      to.writeNull();
    } else if (value instanceof Float f) {
      to.writeNumber(f);
    } else {
      to.writeNumber(value.doubleValue());
    }
  }
}
