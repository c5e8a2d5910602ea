package org.mobilefinetuner.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a value is assigned to. */
sealed interface Target permits Target.Variable, Target.Attribute, Target.Several {

  void assign(@Nullable Object value, Frame frame);

  /** A variable of the frame. */
  record Variable(String name) implements Target {
    @Override
    public void assign(@Nullable Object value, Frame frame) {
      frame.set(name, value);
    }
  }

  /** {@code ns.a} of a namespace. */
  record Attribute(String namespace, String name) implements Target {
    @Override
    public void assign(@Nullable Object value, Frame frame) {
      Object object = frame.get(namespace);
      if (!(object instanceof Namespace target)) {
        throw new TemplateException(
            "only attributes of a namespace can be set; "
                + namespace
                + " is "
                + Values.kind(object));
      }
      target.set(name, value);
    }
  }

  /** {@code a, b}: one item for each. */
  record Several(List<Target> targets) implements Target {
    @Override
    public void assign(@Nullable Object value, Frame frame) {
      List<@Nullable Object> items = Values.list(value);
      if (items.size() != targets.size()) {
        throw new TemplateException(
            "expected " + targets.size() + " values to assign, found " + items.size());
      }
      for (int i = 0; i < items.size(); i++) {
        targets.get(i).assign(items.get(i), frame);
      }
    }
  }
}
