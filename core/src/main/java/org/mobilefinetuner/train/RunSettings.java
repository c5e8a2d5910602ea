package org.mobilefinetuner.train;

import org.mobilefinetuner.io.JsonObject;

/**
 * What a run must have in common with the one that wrote a checkpoint, to end with the same bits.
 *
 * @param stepsPerEpoch how many steps a pass over the data has
 */
public record RunSettings(TrainConfig config, RunInputs inputs, int stepsPerEpoch) {
  /** {@code scheduler.json}: the schedule, and the rate of the next step. */
  JsonObject scheduler(int step) {
    return JsonObject.empty()
        .put("lr_scheduler_type", config.schedule().shape().toString())
        .put("learning_rate", config.schedule().peak())
        .put("warmup_steps", config.schedule().warmup())
        .put("max_steps", config.steps())
        .put(Checkpoint.STEP, step);
  }

  /** {@code rng.json}: random numbers are functions of these two and of where they are used. */
  JsonObject randomness(int step) {
    return JsonObject.empty().put("seed", config.seed()).put(Checkpoint.STEP, step);
  }

  /** {@code data_state.json}: what is read in which order, and how far. */
  JsonObject data(int step) {
    return JsonObject.empty()
        .put("order_seed", config.seed())
        .put("steps_per_epoch", stepsPerEpoch)
        .put("batch_size", config.batchSize())
        .put("gradient_accumulation_steps", config.accumulation())
        .put("eval_steps", config.evalSteps())
        .put("model_sha256", inputs.model())
        .put("train_sha256", inputs.train())
        .put("validation_sha256", inputs.validation())
        .put("backend", inputs.kernels())
        .put(Checkpoint.EPOCH, step / stepsPerEpoch)
        .put(Checkpoint.STEP, step);
  }

  /** The constants of the optimizer, which its file cannot hold. */
  JsonObject optimizer(int step) {
    return JsonObject.empty()
        .put("optim", "adamw")
        .put("beta1", config.optimizer().beta1())
        .put("beta2", config.optimizer().beta2())
        .put("eps", config.optimizer().eps())
        .put("weight_decay", config.optimizer().decay())
        .put("weight_decay_on_all", config.optimizer().decayAll())
        .put("max_grad_norm", config.maxGradNorm())
        .put(Checkpoint.STEP, step);
  }
}
