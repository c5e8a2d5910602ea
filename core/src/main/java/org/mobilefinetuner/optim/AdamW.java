package org.mobilefinetuner.optim;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.AdamWStep;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/**
 * AdamW with decoupled weight decay and bias correction; the numbers of PyTorch's.
 *
 * <p>Loshchilov and Hutter: Decoupled weight decay regularization, arXiv 1711.05101.
 */
public final class AdamW implements Optimizer {
  /**
   * The constants of the optimizer.
   *
   * @param decay the weight decay
   * @param decayAll whether it applies to all tensors, or to those of two dimensions only
   */
  public record Config(float beta1, float beta2, float eps, float decay, boolean decayAll) {
    public Config {
      if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && eps > 0 && decay >= 0)) {
        throw new IllegalArgumentException(
            "expected betas in [0, 1), eps above 0 and a decay of 0 or more, found "
                + beta1
                + ", "
                + beta2
                + ", "
                + eps
                + ", "
                + decay);
      }
    }

    /** PyTorch's constants with the given decay on matrices. */
    public static Config of(float decay) {
      return new Config(0.9f, 0.999f, 1e-8f, decay, false);
    }
  }

  private record State(Parameter parameter, Numbers mean, Numbers square, float decay) {}

  private final Kernels kernels;
  private final Config config;
  private final Map<Parameter, State> states = new LinkedHashMap<>();
  private final Tensor steps = Tensor.zeros(1); // as in PyTorch: exact up to 2²⁴

  /** An optimizer with all of its state in memory. */
  public AdamW(Kernels kernels, List<Parameter> parameters, Config config) {
    this(kernels, parameters, config, Numbers.MEMORY, Numbers.MEMORY);
  }

  /**
   * @param means room for the running means of the gradients
   * @param squares room for those of their squares
   */
  public AdamW(
      Kernels kernels,
      List<Parameter> parameters,
      Config config,
      Numbers.Room means,
      Numbers.Room squares) {
    this.kernels = kernels;
    this.config = config;
    for (Parameter p : parameters) {
      int[] shape = p.value().shape();
      float decay = config.decayAll || shape.length >= 2 ? config.decay : 0;
      states.put(p, new State(p, means.zeros(shape), squares.zeros(shape), decay));
    }
  }

  @Override
  public Update begin(float rate, float gradientScale) {
    int number = (int) ++steps.data()[0];
    float correction1 = (float) (1 - StrictMath.pow(config.beta1, number));
    float correction2 = (float) (1 - StrictMath.pow(config.beta2, number));
    return (parameter, gradient) -> {
      State s = requireNonNull(states.get(parameter), parameter::toString);
      AdamWStep step =
          new AdamWStep(
              rate,
              config.beta1,
              config.beta2,
              config.eps,
              s.decay,
              gradientScale,
              correction1,
              correction2);
      update(step, s, gradient);
    };
  }

  private void update(AdamWStep step, State s, Numbers gradient) {
    Numbers weight = s.parameter.numbers();
    for (int at = 0; at < weight.size(); at += Numbers.PIECE) {
      Tensor p = weight.load(at);
      Tensor m = s.mean.load(at);
      Tensor v = s.square.load(at);
      kernels.adamW(step, p, gradient.load(at), m, v);
      weight.store(at, p);
      s.mean.store(at, m);
      s.square.store(at, v);
    }
  }

  @Override
  public Map<String, Numbers> state() {
    Map<String, Numbers> state = new LinkedHashMap<>();
    state.put("step", Numbers.of(steps));
    for (State s : states.values()) {
      state.put(s.parameter.name() + ".exp_avg", s.mean);
      state.put(s.parameter.name() + ".exp_avg_sq", s.square);
    }
    return state;
  }
}
