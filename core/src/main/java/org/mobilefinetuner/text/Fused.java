package org.mobilefinetuner.text;

import java.util.function.Consumer;

/**
 * A decoder stage for which all that comes is one single piece, though it arrives in parts.
 *
 * <p>What can be done to the parts is done at once; anything else waits for the end of the text.
 */
final class Fused implements Decoder.Stage {
  private final Decoder.Stage stage;
  private final boolean partByPart;
  private final Decoder.Strip strip; // of no effect for other decoders
  private final StringBuilder held = new StringBuilder();
  private int leftToStrip;

  Fused(Decoder decoder, Decoder.Stage stage) {
    this.stage = stage;
    partByPart = worksOnParts(decoder);
    strip = decoder instanceof Decoder.Strip given ? given : new Decoder.Strip(' ', 0, 0);
    leftToStrip = strip.start();
  }

  private static boolean worksOnParts(Decoder decoder) {
    if (decoder instanceof Decoder.Replace replace) {
      return replace.pattern() instanceof TextPattern.Literal literal
          && literal.text().length() == 1;
    }
    return decoder instanceof Decoder.Fuse;
  }

  @Override
  public void push(String part, Consumer<String> out) {
    if (partByPart) {
      stage.push(part, out);
      return;
    }
    held.append(part);
    if (strip.start() + strip.stop() > 0) {
      stripStart();
      int ready = held.length();
      while (held.length() - ready < strip.stop()
          && ready > 0
          && held.charAt(ready - 1) == strip.content()) {
        ready--; // perhaps the end
      }
      out.accept(held.substring(0, ready));
      held.delete(0, ready);
    }
  }

  private void stripStart() {
    int from = 0;
    while (leftToStrip > 0 && from < held.length()) {
      if (held.charAt(from) == strip.content()) {
        from++;
        leftToStrip--;
      } else {
        leftToStrip = 0;
      }
    }
    held.delete(0, from);
  }

  @Override
  public void end(Consumer<String> out) {
    if (strip.start() + strip.stop() == 0 && held.length() > 0) {
      stage.push(held.toString(), out);
    }
    stage.end(out); // what a strip still holds is dropped
  }
}
