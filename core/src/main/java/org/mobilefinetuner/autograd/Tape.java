package org.mobilefinetuner.autograd;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The operations of one segment, in order, each with the code that undoes it.
 *
 * <p>Everything taken from a tape returns to the arena when it closes, most of it long before:
 * after the forward pass ({@link #rest}) only what an operation asked to {@link #keep} stays, and
 * the backward pass gives back each value and gradient as soon as nothing can ask for it again.
 *
 * <p>A gradient exists only where something below it is trainable ({@link #needs}).
 */
public final class Tape implements AutoCloseable {
  /** Reads the gradient of an operation's output and contributes to those of its inputs. */
  @FunctionalInterface
  public interface Backward {
    void run(Tensor dy);
  }

  private record Entry(Tensor output, Backward backward) {}

  private final Arena arena;
  private final Kernels kernels;
  private final @Nullable GradientSink sink; // null: not recording
  private final boolean training;
  private final List<Entry> entries = new ArrayList<>();
  private final IdentityHashMap<Tensor, Boolean> kept = new IdentityHashMap<>(); // taken -> keep
  private final IdentityHashMap<Tensor, Boolean> needs = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, Tensor> gradients = new IdentityHashMap<>();
  private final @Nullable Randomness randomness; // null: nothing is random
  private @Nullable Tensor running; // the gradient that the backward code under way reads
  private int draws;

  /**
   * What the random operations of a segment draw from.
   *
   * @param key a function of the seed, the optimizer step and the segment
   * @param tokenKeys for each token, a function of its example and its place in it
   */
  public record Randomness(long key, long[] tokenKeys) {}

  private Tape(
      Arena arena,
      Kernels kernels,
      boolean training,
      @Nullable GradientSink sink,
      @Nullable Randomness randomness) {
    this.arena = arena;
    this.kernels = kernels;
    this.training = training;
    this.sink = sink;
    this.randomness = randomness;
  }

  /** A tape that records, for training. */
  public static Tape recording(
      Arena arena, Kernels kernels, GradientSink sink, @Nullable Randomness randomness) {
    return new Tape(arena, kernels, true, sink, randomness);
  }

  /**
   * A tape that records nothing but draws as the recording one would: a forward pass whose tape is
   * recorded again later.
   */
  public static Tape forgetting(Arena arena, Kernels kernels, @Nullable Randomness randomness) {
    return new Tape(arena, kernels, true, null, randomness);
  }

  /** A tape that records nothing and draws nothing, for evaluation. */
  public static Tape off(Arena arena, Kernels kernels) {
    return new Tape(arena, kernels, false, null, null);
  }

  public Kernels kernels() {
    return kernels;
  }

  /** Uninitialised storage that lives until {@link #rest}, or as long as it is needed if kept. */
  public Tensor take(int... shape) {
    return taken(arena.take(shape));
  }

  /** Storage of the shape of {@code x}. */
  public Tensor like(Tensor x) {
    return taken(arena.like(x));
  }

  private Tensor taken(Tensor tensor) {
    kept.put(tensor, false);
    return tensor;
  }

  /** How an operation that can work piece by piece should do so. */
  public Pieces pieces() {
    return arena.pieces();
  }

  /** Gives scratch storage back before the operation ends. */
  public void give(Tensor tensor) {
    kept.remove(tensor);
    arena.give(tensor);
  }

  public boolean recording() {
    return sink != null;
  }

  /**
   * Whether this pass is part of a training step, whose bits must not depend on what is kept and
   * what is computed again.
   */
  public boolean training() {
    return training;
  }

  /** What the next random operation draws from, or null if it is to draw nothing. */
  public @Nullable Randomness nextRandomness() {
    return randomness == null
        ? null
        : new Randomness(Draws.key(randomness.key, draws++), randomness.tokenKeys);
  }

  /** Declares that the gradient of {@code input}, made outside this tape, is wanted. */
  public void wantGradient(Tensor input) {
    needs.put(input, true);
  }

  /**
   * Passes storage taken here on to the caller, who gives it back to the arena: a segment's output,
   * or the gradient of its input.
   */
  public Tensor handOver(Tensor tensor) {
    if (kept.remove(tensor) == null) {
      throw new IllegalStateException(tensor + " was not taken from this tape");
    }
    return tensor;
  }

  /** Takes over what another tape of the same arena has handed over. */
  public Tensor adopt(Tensor tensor) {
    kept.put(tensor, true);
    return tensor;
  }

  /** Whether the gradient of {@code x} will be used. */
  public boolean needs(Tensor x) {
    return sink != null && needs.containsKey(x);
  }

  /** Whether the gradient of {@code w} will be used. */
  public boolean needs(@Nullable Weight w) {
    return sink != null && w != null && w.trainable();
  }

  /** Keeps {@code x} for the backward pass; values made outside this tape are kept anyway. */
  public void keep(Tensor x) {
    kept.computeIfPresent(x, (t, k) -> true);
  }

  /**
   * Ends an operation whose output is {@code y}. The backward code is remembered if {@code needed};
   * it may read only what was kept.
   */
  public Tensor record(Tensor y, boolean needed, Backward backward) {
    if (needed && sink != null) {
      entries.add(new Entry(y, backward));
      needs.put(y, true);
    }
    return y;
  }

  /** Contributes to the gradient of {@code x}, if it is needed. */
  public void gradient(Tensor x, GradientWriter writer) {
    if (!needs(x)) {
      return;
    }
    Tensor gradient = gradients.get(x);
    if (gradient == null) {
      gradient = like(x);
      gradients.put(x, gradient);
      writer.write(gradient, 0);
    } else {
      writer.write(ownGradient(x, gradient), 1);
    }
  }

  /** The gradient of {@code x} where no other tensor's is, and nobody reads it. */
  private Tensor ownGradient(Tensor x, Tensor gradient) {
    gradients.remove(x);
    Tensor own = gradient;
    if (gradient == running || gradients.containsValue(gradient)) {
      own = like(x);
      kernels.axpy(1, gradient, 0, own);
    }
    gradients.put(x, own);
    return own;
  }

  /**
   * Contributes {@code dy}, which nobody will change, to the gradient of {@code x} of the same
   * shape. If it is the first contribution, it becomes that gradient and nothing is copied; several
   * tensors can have it in common until one of them gets another contribution.
   *
   * @return whether it has become the gradient; otherwise it still is the caller's
   */
  public boolean passOn(Tensor x, Tensor dy) {
    if (needs(x) && !gradients.containsKey(x) && kept.containsKey(dy)) {
      gradients.put(x, dy);
      return true;
    }
    gradient(x, (dx, beta) -> kernels.axpy(1, dy, beta, dx));
    return false;
  }

  /** Contributes to the gradient of {@code w}, if it is trainable. */
  public void gradient(@Nullable Weight w, GradientWriter writer) {
    if (w instanceof Parameter p && sink != null) {
      sink.add(p, writer);
    }
  }

  /** Whether {@link #gradientRows} can be used, and should be where a gradient is large. */
  public boolean byRows() {
    return sink != null && sink.byRows();
  }

  /** Contributes to rows, whose numbers ascend, of the gradient of {@code w}, if trainable. */
  public void gradientRows(Weight w, int[] rows, GradientWriter writer) {
    if (w instanceof Parameter p && sink != null) {
      sink.addRows(p, rows, writer);
    }
  }

  /** Ends the forward pass whose {@code output} is still wanted. */
  public void rest(Tensor output) {
    keep(output);
    rest();
  }

  /** Ends the forward pass: all that was not kept returns to the arena. */
  public void rest() {
    kept.entrySet()
        .removeIf(
            e -> {
              boolean free = !e.getValue();
              if (free) {
                arena.give(e.getKey());
              }
              return free;
            });
  }

  /** Runs the tape backwards from {@code output}, whose gradient is {@code dy}. */
  public void backward(Tensor output, Tensor dy) {
    if (sink == null) {
      throw new IllegalStateException("this tape does not record");
    }
    gradients.put(output, dy);
    for (int i = entries.size() - 1; i >= 0; i--) {
      Entry entry = entries.get(i);
      Tensor gradient = gradients.remove(entry.output);
      if (gradient != null) {
        running = gradient;
        entry.backward.run(gradient);
        running = null;
        if (!gradients.containsValue(gradient)) { // not passed on
          giveIfOurs(gradient);
        }
      }
      giveIfOurs(entry.output); // whoever reads it comes later in the tape, and has run
    }
    entries.clear();
  }

  private void giveIfOurs(Tensor tensor) {
    if (kept.remove(tensor) != null) {
      arena.give(tensor);
    }
  }

  /**
   * The gradient of an input after {@link #backward}; zero contributions leave none, which is an
   * error of the model.
   */
  public Tensor gradientOf(Tensor input) {
    Tensor gradient = gradients.get(input);
    if (gradient == null) {
      throw new IllegalStateException("no operation of this segment used its input");
    }
    return gradient;
  }

  /** Returns everything to the arena. */
  @Override
  public void close() {
    kept.keySet().forEach(arena::give);
    kept.clear();
    entries.clear();
    gradients.clear();
  }
}
