package org.mobilefinetuner.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.Adapter;
import org.mobilefinetuner.adapter.Projection;
import org.mobilefinetuner.autograd.Frozen;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.io.SafetensorsWriter.Values;
import org.mobilefinetuner.io.TensorSource;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Pages;
import org.mobilefinetuner.tensor.Tensor;

/**
 * All weights of a model at once: frozen matrices mapped from their file, trainable ones in memory.
 */
public final class LoadedWeights implements WeightStore {
  private final Model model;
  private final Map<String, Weight> weights;
  private final Map<String, Adapter> adapters = new LinkedHashMap<>();
  private final Map<String, Lease> leases = new HashMap<>(); // by segment, until weights change

  private LoadedWeights(Model model, Map<String, Weight> weights) {
    this.model = model;
    this.weights = weights;
  }

  /** The model's weights to be read only; matrices stay in the file. */
  public static LoadedWeights frozen(Model model, TensorSource source) throws IOException {
    return load(
        model,
        source,
        (name, spec) ->
            new Frozen(
                spec.name(),
                spec.shape().length == 2
                    ? source.matrix(name)
                    : finite(spec.name(), source.tensor(name))));
  }

  /** The model's weights as parameters, float32 whatever the type of the file. */
  public static LoadedWeights trainable(Model model, TensorSource source) throws IOException {
    return load(
        model,
        source,
        (name, spec) -> new Parameter(spec.name(), finite(spec.name(), source.tensor(name))));
  }

  /** Weights without values, for the rehearsal of a step. */
  public static LoadedWeights shapes(Model model, boolean train) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (WeightSpec spec : model.weights()) {
      String name = spec.name();
      weights.put(
          name,
          train
              ? Parameter.elsewhere(name, Numbers.none(spec.shape()))
              : new Frozen(name, Tensor.ofShape(spec.shape())));
    }
    return new LoadedWeights(model, weights);
  }

  /**
   * The model's weights as parameters whose numbers are elsewhere: they are copied there one after
   * the other.
   *
   * @param room for the numbers
   */
  public static LoadedWeights sharded(Model model, TensorSource source, Numbers.Room room)
      throws IOException {
    return sharded(model, source, room, (mapped, from, bytes) -> {});
  }

  /**
   * The same.
   *
   * @param pages of the files, which are let go of once they are copied
   */
  public static LoadedWeights sharded(
      Model model, TensorSource source, Numbers.Room room, Pages pages) throws IOException {
    return load(
        model,
        source,
        (name, spec) -> {
          Numbers numbers = room.zeros(spec.shape());
          if (spec.shape().length == 2) {
            numbers.fill(copied(source.matrix(name).releasing(pages), spec));
          } else {
            numbers.copyFrom(finite(spec.name(), source.tensor(name)));
          }
          return Parameter.elsewhere(spec.name(), numbers);
        });
  }

  /** The numbers of a matrix, whose rows are not read again. */
  private static Numbers.Source copied(Matrix matrix, WeightSpec spec) {
    Values values = Item.of(matrix, spec.shape(), Format.F32).values();
    return (at, to, count) -> {
      values.fill(at, to, count);
      int row = (int) (at / matrix.cols());
      matrix.release(row, (int) ((at + count) / matrix.cols()) - row);
    };
  }

  /** Makes a weight of the tensor that the files call {@code name}. */
  private interface Reader {
    Weight read(String name, WeightSpec spec) throws IOException;
  }

  private static LoadedWeights load(Model model, TensorSource source, Reader reader)
      throws IOException {
    Map<String, String> stored = new LinkedHashMap<>();
    for (String name : source.names()) {
      String canonical = model.canonicalName(name);
      if (canonical != null) {
        stored.put(canonical, name);
      }
    }
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (WeightSpec spec : model.weights()) {
      String name = stored.remove(spec.name());
      if (name == null) {
        throw new FormatException(
            "expected a tensor "
                + spec.name()
                + " "
                + Arrays.toString(spec.shape())
                + ", the files do not have it; is config.json from another model?");
      }
      int[] shape = source.shape(name);
      if (!Arrays.equals(shape, spec.shape())) {
        throw new FormatException(
            spec.name()
                + ": expected "
                + Arrays.toString(spec.shape())
                + ", the file has "
                + Arrays.toString(shape)
                + "; is config.json from another model?");
      }
      weights.put(spec.name(), reader.read(name, spec));
    }
    if (!stored.isEmpty()) {
      throw new FormatException(
          "the files have tensors that a "
              + model.type()
              + " does not: "
              + new TreeSet<>(stored.values())
              + "; is config.json from another model?");
    }
    return new LoadedWeights(model, weights);
  }

  private static Tensor finite(String name, Tensor tensor) throws FormatException {
    for (int i = 0; i < tensor.size(); i++) {
      float value = tensor.data()[tensor.offset() + i];
      if (!(Math.abs(value) <= Float.MAX_VALUE)) {
        throw new FormatException(
            name
                + ": expected finite weights, found "
                + value
                + " at index "
                + i
                + "; the file is damaged or training it has diverged");
      }
    }
    return tensor;
  }

  /** From now on, frozen matrices in files let go of what has been read of them. */
  public void stream(Pages pages) {
    stream(pages, 0);
  }

  /** The same, but for matrices of {@code residentBytes} in all, the most used first. */
  public void stream(Pages pages, long residentBytes) {
    long left = residentBytes;
    for (String name : byUse()) {
      if (weights.get(name) instanceof Frozen frozen) {
        Matrix matrix = frozen.value();
        if (matrix.bytes() <= left) {
          left -= matrix.bytes();
        } else {
          weights.put(name, new Frozen(name, matrix.releasing(pages)));
        }
      }
    }
    leases.clear();
  }

  /**
   * The names of the weights: the head's table, of which every step reads all, first, and an
   * embedding that is no head, of which a step reads some rows, last.
   */
  private List<String> byUse() {
    List<WeightSpec> specs = new ArrayList<>(model.weights());
    Collections.reverse(specs);
    List<String> names = new ArrayList<>();
    boolean found = false;
    for (WeightSpec spec : specs) {
      boolean head = !found && spec.isTable() && spec.shape()[0] == model.vocabulary();
      names.add(head ? 0 : names.size(), spec.name());
      found |= head;
    }
    return names;
  }

  public Model model() {
    return model;
  }

  /** Puts an adapter at a projection, such as {@code transformer.h.0.attn.c_attn}. */
  public void adapt(String site, Adapter adapter) {
    adapters.put(site, adapter);
    leases.clear();
  }

  /** The adapters by site, in the order in which they were put there. */
  public Map<String, Adapter> adapters() {
    return adapters;
  }

  public Weight get(String name) {
    Weight weight = weights.get(name);
    if (weight == null) {
      throw new IllegalArgumentException("the model has no weight called " + name);
    }
    return weight;
  }

  /** All that is trained, in the order of the model. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    for (Weight weight : weights.values()) {
      if (weight instanceof Parameter p) {
        parameters.add(p);
      }
    }
    adapters.values().forEach(a -> parameters.addAll(a.parameters()));
    return parameters;
  }

  /** Those of the parameters that are tables, which several segments may use. */
  public Set<Parameter> tables() {
    Set<Parameter> tables = new LinkedHashSet<>();
    for (WeightSpec spec : model.weights()) {
      if (spec.isTable() && weights.get(spec.name()) instanceof Parameter p) {
        tables.add(p);
      }
    }
    return tables;
  }

  /** The number of the first segment with anything trainable; the number of segments if none. */
  public int lowestTrainable() {
    List<Segment> segments = model.segments();
    for (Weight weight : weights.values()) {
      if (weight.trainable()) {
        return 0;
      }
    }
    for (int i = 1; i < segments.size(); i++) { // an embedding has no projections
      String prefix = segments.get(i).name() + ".";
      for (String site : adapters.keySet()) {
        if (site.startsWith(prefix) || prefix.equals(".")) {
          return i;
        }
      }
    }
    return segments.size();
  }

  @Override
  public Weights lease(Segment segment) {
    Lease lease = leases.get(segment.name());
    if (lease == null) {
      lease = new Lease(segment.name().isEmpty() ? "" : segment.name() + ".");
      leases.put(segment.name(), lease);
    }
    return lease;
  }

  /** What a segment has asked for, as it asks for the same in every pass. */
  private final class Lease implements Weights {
    private final String prefix;
    private final Map<String, Weight> found = new HashMap<>();
    private final Map<String, Projection> projections = new HashMap<>();

    Lease(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public Weight get(String name) {
      Weight weight = found.get(name);
      if (weight == null) {
        weight = LoadedWeights.this.get(prefix + name);
        found.put(name, weight);
      }
      return weight;
    }

    @Override
    public Projection projection(String name, Layout layout) {
      Projection projection = projections.get(name);
      if (projection == null || projection.layout() != layout) {
        String site = prefix + name;
        @Nullable Weight bias = weights.get(site + ".bias");
        projection = new Projection(get(name + ".weight"), layout, bias, adapters.get(site));
        projections.put(name, projection);
      }
      return projection;
    }

    @Override
    public void close() {}
  }
}
