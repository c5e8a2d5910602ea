package org.mobilefinetuner.memory;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.adapter.Projection;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.model.Segment;
import org.mobilefinetuner.model.WeightStore;
import org.mobilefinetuner.model.Weights;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Trained weights that are in memory only while their segment is leased, and tables of which there
 * are never more than some rows.
 *
 * <p>What a segment asks for is noted the first time; from then on all of it is there from the
 * beginning of a lease, because a backward pass uses weights without asking for them.
 */
public final class ShardedWeights implements WeightStore {
  private final WeightStore all;
  private final Arena arena;
  private final IdentityHashMap<Segment, Set<Parameter>> wanted = new IdentityHashMap<>();

  /**
   * @param all the weights, of which those that are elsewhere are brought to memory
   * @param arena what their copies are taken from
   */
  public ShardedWeights(WeightStore all, Arena arena) {
    this.all = all;
    this.arena = arena;
  }

  @Override
  public Weights lease(Segment segment) {
    Set<Parameter> known = wanted.computeIfAbsent(segment, s -> new LinkedHashSet<>());
    Lease lease = new Lease(all.lease(segment), known);
    known.forEach(lease::bring);
    return lease;
  }

  private final class Lease implements Weights {
    private final Weights weights;
    private final Set<Parameter> known;
    private final Map<Parameter, Tensor> present = new HashMap<>();

    Lease(Weights weights, Set<Parameter> known) {
      this.weights = weights;
      this.known = known;
    }

    void bring(Parameter parameter) {
      if (!present.containsKey(parameter)) {
        Tensor copy = arena.like(parameter.value());
        parameter.numbers().copyTo(copy);
        parameter.lend(copy);
        present.put(parameter, copy);
      }
    }

    private void want(Weight weight) {
      if (weight instanceof Parameter p && p.isElsewhere()) {
        known.add(p);
        bring(p);
      }
    }

    @Override
    public Weight get(String name) {
      Weight weight = weights.get(name);
      want(weight);
      return weight;
    }

    /** Rows of it are read where it is. */
    @Override
    public Weight table(String name) {
      return weights.table(name);
    }

    @Override
    public Projection projection(String name, Layout layout) {
      Projection projection = weights.projection(name, layout);
      want(projection.weight());
      if (projection.bias() != null) {
        want(projection.bias());
      }
      return projection;
    }

    @Override
    public void close() {
      present.forEach(
          (parameter, copy) -> {
            parameter.withdraw();
            arena.give(copy);
          });
      present.clear();
      weights.close();
    }
  }
}
