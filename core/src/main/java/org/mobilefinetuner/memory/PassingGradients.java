package org.mobilefinetuner.memory;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.GradientWriter;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Gradients of one batch that are handed over when the backward pass leaves their segment, and are
 * not kept. Those of tables, which embedding and head may share, are summed elsewhere to the end.
 */
public final class PassingGradients implements GradientSink {
  private final Set<Parameter> tables;
  private final GradientSink shared;
  private final Arena arena;
  private final BiConsumer<Parameter, Numbers> whole;
  private final Map<Parameter, Tensor> present = new LinkedHashMap<>();
  private final Set<Parameter> passed = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * @param tables whose gradients go to {@code shared}
   * @param arena what the gradients of the segment that is computed are taken from
   * @param whole is told each gradient that nothing will be added to, valid for the call
   */
  public PassingGradients(
      Set<Parameter> tables,
      GradientSink shared,
      Arena arena,
      BiConsumer<Parameter, Numbers> whole) {
    this.tables = tables;
    this.shared = shared;
    this.arena = arena;
    this.whole = whole;
  }

  /** Begins with another batch. */
  public void clear() {
    passed.clear();
  }

  @Override
  public void add(Parameter parameter, GradientWriter writer) {
    if (tables.contains(parameter)) {
      shared.add(parameter, writer);
      return;
    }
    if (passed.contains(parameter)) {
      throw new IllegalStateException("two segments share " + parameter + ", which is no table");
    }
    Tensor sum = present.get(parameter);
    if (sum == null) {
      sum = arena.like(parameter.value());
      present.put(parameter, sum);
      writer.write(sum, 0);
    } else {
      writer.write(sum, 1);
    }
  }

  @Override
  public boolean byRows() {
    return shared.byRows();
  }

  @Override
  public void addRows(Parameter parameter, int[] rows, GradientWriter writer) {
    shared.addRows(parameter, rows, writer);
  }

  @Override
  public void rest() {
    shared.rest();
    try {
      present.forEach((parameter, sum) -> whole.accept(parameter, Numbers.of(sum)));
    } finally {
      passed.addAll(present.keySet());
      present.values().forEach(arena::give);
      present.clear();
    }
  }
}
