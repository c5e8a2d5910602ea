package org.mobilefinetuner.autograd;

import org.mobilefinetuner.tensor.Matrix;

/** A weight that is only read. */
public record Frozen(String name, Matrix value) implements Weight {}
