package org.mobilefinetuner.adapter;

import java.util.List;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Tensor;

/** A parameter-efficient stand-in for one projection, written as forward operations only. */
public interface Adapter {
  /** The adapted output of {@code base}. x: [T, in], result: [T, out]. */
  Tensor apply(Tape tape, Projection base, Tensor x);

  /** Turns the base's weight, in its layout, into one that needs no adapter. */
  void merge(Kernels kernels, Layout layout, Tensor weight);

  /** What is trained, named as in PEFT's adapter file. */
  List<Parameter> parameters();
}
