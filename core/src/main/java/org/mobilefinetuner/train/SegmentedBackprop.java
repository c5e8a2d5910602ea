package org.mobilefinetuner.train;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.Spill;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Segment;
import org.mobilefinetuner.model.WeightStore;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The gradients of one batch in bounded memory.
 *
 * <p>Forward visits the segments in order and keeps each one's input, and where memory allows the
 * tape of its operations. Backward visits them from the loss down; a segment whose tape was not
 * kept is run again from its input. All ways give the same bits.
 *
 * <p>Inputs may be kept as bfloat16. Then every segment from the lowest that is trained on, but the
 * head, starts from its rounded input, run again or not: the loss is that of a forward pass with
 * these roundings, both forward passes of a segment are of the same function, and gradients are
 * exact for it but that a rounding's derivative counts as 1. Evaluations round nothing: they
 * measure what is saved.
 */
public final class SegmentedBackprop {
  /**
   * What is kept between the forward and the backward pass: the tapes of the last segments, and the
   * inputs of those below, which are run again.
   *
   * @param tapes of how many segments, from the head down, the tape is kept
   * @param spill where the other segments' inputs are put, or null to keep them in memory
   * @param boundaries the format of these inputs: F32, or BF16, which changes bits
   */
  public record Keep(int tapes, @Nullable Spill spill, Format boundaries) {
    /** All tapes: the fastest. */
    public static final Keep TAPE = new Keep(Integer.MAX_VALUE, null);

    /** All inputs: the forward pass is made twice. */
    public static final Keep INPUT = new Keep(0, null);

    public Keep {
      if (boundaries == Format.F16) {
        throw new IllegalArgumentException("expected inputs of F32 or BF16, found " + boundaries);
      }
    }

    /** Inputs in float32. */
    public Keep(int tapes, @Nullable Spill spill) {
      this(tapes, spill, Format.F32);
    }
  }

  private final List<Segment> segments;
  private final WeightStore store;
  private final Kernels kernels;
  private final Arena arena;
  private final Keep keep;
  private final StepGate gate;
  private final int lowest;
  private final int width;

  /**
   * @param lowest the first segment with anything trainable: no gradient flows below it
   */
  public SegmentedBackprop(
      Model model, WeightStore store, int lowest, Kernels kernels, Arena arena, Keep keep) {
    this(model, store, lowest, kernels, arena, keep, StepGate.OPEN);
  }

  /**
   * @param gate asked before each segment
   */
  SegmentedBackprop(
      Model model,
      WeightStore store,
      int lowest,
      Kernels kernels,
      Arena arena,
      Keep keep,
      StepGate gate) {
    this.segments = model.segments();
    this.store = store;
    this.kernels = kernels;
    this.arena = arena;
    this.keep = keep;
    this.gate = gate;
    this.lowest = lowest;
    this.width = model.width();
  }

  /**
   * Adds the batch's gradients to {@code sink}; the loss of each token is left in the batch.
   *
   * @param seed of the random operations of this optimizer step
   */
  public void step(Batch batch, GradientSink sink, long seed) {
    step(batch, sink, seed, () -> {});
  }

  /** The same, and calls {@code forwardEnded} before the backward pass begins. */
  void step(Batch batch, GradientSink sink, long seed, Runnable forwardEnded) {
    run(
        new Pass(batch, sink, i -> new Tape.Randomness(Draws.key(seed, i), batch.tokenKeys())),
        forwardEnded);
  }

  /** The same without dropout. */
  public void step(Batch batch, GradientSink sink) {
    run(new Pass(batch, sink, i -> null), () -> {});
  }

  private static void run(Pass pass, Runnable forwardEnded) {
    try {
      pass.forward();
      forwardEnded.run();
      pass.backward();
    } finally {
      pass.close();
    }
  }

  /** One forward and backward pass; owns the values between segments. */
  private final class Pass {
    private final Batch batch;
    private final GradientSink sink;
    private final IntFunction<Tape.@Nullable Randomness> randomness;
    private final int last = segments.size() - 1;
    private final @Nullable Tensor[] inputs = new Tensor[last + 1];
    private final @Nullable Tape[] tapes = new Tape[last + 1];
    private final Boundaries boundaries = new Boundaries(arena, keep, last);
    private @Nullable Tensor gradient; // of the input of the segment visited last

    Pass(Batch batch, GradientSink sink, IntFunction<Tape.@Nullable Randomness> randomness) {
      this.batch = batch;
      this.sink = sink;
      this.randomness = randomness;
    }

    /** Visits all segments but the head, which gives its loss and its gradient at once. */
    void forward() {
      for (int i = 0; i < last; i++) {
        gate.betweenSegments();
        boolean keepTape = i >= lowest && last - i <= keep.tapes;
        Tape tape = open(i, keepTape);
        try (var weights = store.lease(segments.get(i))) {
          store.prefetch(segments.get(i + 1));
          Tensor y = segments.get(i).forward(tape, weights, batch, input(i));
          inputs[i + 1] = tape.handOver(y);
        }
        if (i + 1 >= lowest && i + 1 < last) {
          boundaries.round(input(i + 1));
        }
        if (keepTape) {
          tape.rest();
        } else {
          closeTape(i);
        }
        if (i < lowest) {
          giveInput(i);
        } else if (!keepTape) {
          putAside(i);
        }
      }
    }

    private void putAside(int i) {
      Tensor input = inputs[i];
      if (input != null && boundaries.put(i, input)) {
        inputs[i] = null;
      }
    }

    /** The input of a segment that is run again, as a new tensor if it was put aside. */
    private void fetch(int i) {
      Tensor input = i == 0 ? null : boundaries.fetch(i, batch.tokens(), width);
      if (input != null) {
        inputs[i] = input;
      }
    }

    void backward() {
      for (int i = last; i >= lowest; i--) {
        gate.betweenSegments();
        try (var weights = store.lease(segments.get(i))) {
          Tape tape = tapes[i];
          Tensor y = i == last ? null : inputs[i + 1];
          if (tape == null) {
            if (i < last) {
              fetch(i);
            }
            tape = open(i, true);
            y = segments.get(i).forward(tape, weights, batch, input(i));
            tape.rest(y);
          }
          if (i > lowest) {
            store.prefetch(segments.get(i - 1));
          }
          Tensor end = requireNonNull(y);
          tape.backward(end, i == last ? tape.like(end).fill(1) : tape.adopt(takeGradient()));
          if (i > lowest) {
            gradient = tape.handOver(tape.gradientOf(input(i)));
          }
        }
        closeTape(i);
        sink.rest();
        giveInput(i + 1);
        if (i > lowest && tapes[i - 1] == null) {
          giveInput(i); // the output of a segment that is run again is made again
        }
      }
    }

    private Tape open(int i, boolean record) {
      Tape.Randomness random = randomness.apply(i);
      Tape tape =
          record
              ? Tape.recording(arena, kernels, sink, random)
              : Tape.forgetting(arena, kernels, random);
      if (record && i > lowest) {
        tape.wantGradient(input(i));
      }
      tapes[i] = tape;
      return tape;
    }

    private Tensor input(int i) {
      return i == 0 ? Segment.NOTHING : requireNonNull(inputs[i]);
    }

    private void closeTape(int i) {
      Tape tape = tapes[i];
      tapes[i] = null;
      if (tape != null) {
        tape.close();
      }
    }

    private void giveInput(int i) {
      Tensor input = i <= last ? inputs[i] : null;
      if (input != null) {
        inputs[i] = null;
        arena.give(input);
      }
    }

    private Tensor takeGradient() {
      Tensor taken = requireNonNull(gradient);
      gradient = null;
      return taken;
    }

    /** Gives back what is still held, also after a failure. */
    void close() {
      for (int i = 0; i <= last; i++) {
        closeTape(i);
        giveInput(i);
      }
      boundaries.close();
      if (gradient != null) {
        arena.give(takeGradient());
      }
    }
  }

  /** Computes the loss of each token of the batch, without gradients and without dropout. */
  public void evaluate(Batch batch) {
    Tensor x = Segment.NOTHING;
    for (int i = 0; i < segments.size(); i++) {
      gate.betweenSegments();
      Segment segment = segments.get(i);
      try (var weights = store.lease(segment);
          Tape tape = Tape.off(arena, kernels)) {
        if (i + 1 < segments.size()) {
          store.prefetch(segments.get(i + 1));
        }
        Tensor y = segment.forward(tape, weights, batch, x);
        if (i > 0) {
          arena.give(x);
        }
        if (i + 1 < segments.size()) {
          x = tape.handOver(y);
        }
      }
    }
  }
}
