package org.mobilefinetuner.memory;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.WeightStore;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;

/** Which numbers of what is trained are in a file, and which in memory. */
public final class Sharding {
  /** All in memory. */
  public static final Sharding NONE = new Sharding(null, EnumSet.noneOf(Kind.class));

  private final @Nullable Shards shards;
  private final Set<Kind> kinds;

  private Sharding(@Nullable Shards shards, Set<Kind> kinds) {
    this.shards = shards;
    this.kinds = kinds;
  }

  /** Those of {@code kinds} in {@code shards}. */
  public static Sharding of(Shards shards, Set<Kind> kinds) {
    return new Sharding(shards, kinds);
  }

  /** The time that reading and writing them has taken so far. */
  public long nanos() {
    return shards == null ? 0 : shards.nanos();
  }

  /** Where numbers of a kind are put. */
  public Numbers.Room room(Kind kind) {
    Shards file = shards;
    return file != null && kinds.contains(kind) ? shape -> file.zeros(kind, shape) : Numbers.MEMORY;
  }

  /** Sums of the gradients of {@code parameters}. */
  public GradientStore gradients(List<Parameter> parameters, Arena arena) {
    return kinds.contains(Kind.GRADIENT)
        ? new ShardedGradients(parameters, room(Kind.GRADIENT), arena)
        : new Gradients(parameters);
  }

  /** The store that a step leases its weights from. */
  public WeightStore weights(WeightStore all, Arena arena) {
    return kinds.contains(Kind.WEIGHT) ? new ShardedWeights(all, arena) : all;
  }
}
