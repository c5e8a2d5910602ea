package org.mobilefinetuner.text;

import java.util.List;
import java.util.function.Consumer;

/** Decoder stages one after the other. */
final class Chain implements Decoder.Stage {
  private final List<Decoder.Stage> stages;

  Chain(List<Decoder.Stage> stages) {
    this.stages = stages;
  }

  @Override
  public void push(String piece, Consumer<String> out) {
    pushFrom(0, piece, out);
  }

  private void pushFrom(int index, String piece, Consumer<String> out) {
    if (index == stages.size()) {
      out.accept(piece);
    } else {
      stages.get(index).push(piece, ready -> pushFrom(index + 1, ready, out));
    }
  }

  @Override
  public void end(Consumer<String> out) {
    for (int i = 0; i < stages.size(); i++) {
      int next = i + 1;
      stages.get(i).end(ready -> pushFrom(next, ready, out));
    }
  }
}
