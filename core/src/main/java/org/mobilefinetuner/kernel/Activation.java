package org.mobilefinetuner.kernel;

/** The nonlinear function of a gate. */
public enum Activation {
  /** x/(1 + e⁻ˣ) (Elfwing et al., arXiv 1702.03118). */
  SILU,
  /** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 (Hendrycks and Gimpel, arXiv 1606.08415). */
  GELU_TANH
}
