package org.mobilefinetuner.text.template;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables that also an inner frame can set. */
final class Namespace {
  private final Map<String, @Nullable Object> attributes = new LinkedHashMap<>();

  void set(String name, @Nullable Object value) {
    attributes.put(name, value);
  }

  @Nullable Object get(String name) {
    return attributes.containsKey(name)
        ? attributes.get(name)
        : new Undefined("the namespace has no attribute '" + name + "'");
  }
}
