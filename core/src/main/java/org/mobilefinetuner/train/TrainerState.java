package org.mobilefinetuner.train;

import java.io.IOException;
import java.util.List;
import org.mobilefinetuner.io.JsonObject;

/**
 * {@code trainer_state.json} with the keys of Hugging Face's trainer, which refuses others. What it
 * has no key for is among the {@code stateful_callbacks}.
 */
final class TrainerState {
  static final String PROGRESS = "Progress";
  static final String LOG = "RunLog";
  static final String HISTORY = "log_history";

  private static final String CALLBACKS = "stateful_callbacks";

  private TrainerState() {}

  static JsonObject of(
      Progress progress, TrainConfig config, int saveSteps, int loggingSteps, RunLog log) {
    boolean evaluated = progress.bestStep() > 0;
    return JsonObject.empty()
        .put("best_global_step", evaluated ? progress.bestStep() : null)
        .put("best_metric", evaluated ? progress.bestLoss() : null)
        .put("best_model_checkpoint", evaluated ? RunFolder.BEST : null)
        .put("epoch", progress.epoch())
        .put("eval_steps", config.evalSteps())
        .put("global_step", progress.steps())
        .put("is_hyper_param_search", false)
        .put("is_local_process_zero", true)
        .put("is_world_process_zero", true)
        .put(HISTORY, log.history())
        .put("logging_steps", loggingSteps)
        .put("max_steps", config.steps())
        .put("num_input_tokens_seen", progress.tokens())
        .put("num_train_epochs", Math.ceil(progress.epoch()))
        .put("save_steps", saveSteps)
        .put(CALLBACKS, JsonObject.empty().put(PROGRESS, progress.json()).put(LOG, log.sums()))
        .put("total_flos", 0)
        .put("train_batch_size", config.batchSize())
        .put("trial_name", null)
        .put("trial_params", null);
  }

  /** What one of our callbacks has left. */
  static JsonObject callback(JsonObject state, String name) throws IOException {
    return state.object(CALLBACKS).object(name);
  }

  /** The lines of the log so far. */
  static List<JsonObject> history(JsonObject state) throws IOException {
    return state.objects(HISTORY);
  }
}
