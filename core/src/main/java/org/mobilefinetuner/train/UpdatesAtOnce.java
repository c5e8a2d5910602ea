package org.mobilefinetuner.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.PassingGradients;
import org.mobilefinetuner.optim.GlobalNorm;
import org.mobilefinetuner.optim.Optimizer;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;

/**
 * Updates the weights of a segment when the backward pass leaves it, those of tables at the end.
 * Gives the bits of {@link SecondSweep} without clipping, for steps of one micro-batch.
 *
 * <p>A gradient that is not finite ends the run before the weights that it belongs to are updated,
 * but after those of the segments above: the run fails as it would have anyway, and what was saved
 * before is what it leaves.
 */
final class UpdatesAtOnce implements Updates {
  private final Kernels kernels;
  private final List<Parameter> parameters;
  private final Set<Parameter> tables;
  private final GradientStore ofTables;
  private final PassingGradients gradients;
  private final Optimizer optimizer;
  private final GradientAudit audit = new GradientAudit();
  private final List<String> missing = new ArrayList<>();
  private final Set<Parameter> updated = Collections.newSetFromMap(new IdentityHashMap<>());
  private int number;
  private float rate;
  private DoubleSupplier loss = () -> Double.NaN;
  private GlobalNorm norm;
  private Optimizer.@Nullable Update update;

  /**
   * @param tables those of the parameters that are tables
   * @param ofTables sums their gradients
   * @param arena what the gradients of a segment are taken from
   */
  UpdatesAtOnce(
      Kernels kernels,
      List<Parameter> parameters,
      Set<Parameter> tables,
      GradientStore ofTables,
      Arena arena,
      Optimizer optimizer) {
    this.kernels = kernels;
    this.parameters = parameters;
    this.tables = tables;
    this.ofTables = ofTables;
    this.gradients = new PassingGradients(tables, ofTables, arena, this::apply);
    this.optimizer = optimizer;
    this.norm = new GlobalNorm(kernels, parameters);
  }

  @Override
  public GradientSink sink() {
    return gradients;
  }

  @Override
  public void begin(int newNumber, float newRate, DoubleSupplier newLoss) {
    number = newNumber;
    rate = newRate;
    loss = newLoss;
    norm = new GlobalNorm(kernels, parameters);
    update = optimizer.begin(rate, 1);
    missing.clear();
    updated.clear();
    gradients.clear();
    ofTables.clear();
  }

  /** Updates a parameter whose gradient is whole. */
  private void apply(Parameter parameter, Numbers gradient) {
    double square = norm.add(parameter, gradient);
    double found = loss.getAsDouble();
    if (!(Math.abs(found) <= Double.MAX_VALUE && square <= Double.MAX_VALUE)) {
      boolean finite = square <= Double.MAX_VALUE;
      throw GradientAudit.infinite(
          number + 1, found, finite ? List.of() : List.of(parameter.name()));
    }
    if (audit.misses(parameter, gradient)) {
      missing.add(parameter.name());
    }
    if (update != null) {
      update.apply(parameter, gradient);
    }
    updated.add(parameter);
  }

  @Override
  public double end() {
    for (Parameter table : tables) {
      @Nullable Numbers gradient = ofTables.numbers(table);
      if (gradient != null) {
        apply(table, gradient);
      }
    }
    for (Parameter p : parameters) {
      if (!updated.contains(p) && audit.misses(p, null)) {
        missing.add(p.name());
      }
    }
    audit.end(missing, rate);
    return norm.value();
  }

  @Override
  public Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public void passed(float made) {
    audit.passed(made);
  }
}
