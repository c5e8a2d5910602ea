"""Time one fine-tuning step with transformers + peft + torch on the CPU: the peer of `mft bench step`.

    python torch_step.py --model gpt2 --method lora --batch-size 8 --max-seq-length 128 --steps 5 --threads 2

Prints one JSON object. The model has random weights of the exact shapes (or those of --model-dir), dropout 0, every token
is labelled, the AdamW step is part of the time, gradients are not clipped: the settings of `mft bench step`, so that a
ratio of two medians is a ratio of two programs that do the same work.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

BUILT_IN = {
    "gpt2": dict(n_embd=768, n_layer=12, n_head=12),
    "gpt2-medium": dict(n_embd=1024, n_layer=24, n_head=16),
}
NO_DROPOUT = ("resid_pdrop", "embd_pdrop", "attn_pdrop", "attention_dropout", "hidden_dropout")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = p.add_mutually_exclusive_group(required=True)
    which.add_argument("--model", choices=sorted(BUILT_IN), help="shapes of a published GPT-2, random weights")
    which.add_argument("--config", metavar="FILE", help="config.json of any causal language model, random weights")
    which.add_argument("--model-dir", metavar="DIR", help="model folder, its own weights")
    p.add_argument("--method", choices=("lora", "full"), default="lora")
    p.add_argument("--batch-size", type=int, default=8)
    p.add_argument("--max-seq-length", type=int, default=128)
    p.add_argument("--steps", type=int, default=5, help="timed steps, after one that is not timed")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--dtype", choices=("fp32", "bf16"), default="fp32", help="type of weights and activations")
    p.add_argument("--lora-rank", type=int, default=8)
    p.add_argument("--lora-alpha", type=int, default=32)
    p.add_argument("--lora-targets", default="c_attn", help="module names, separated by commas")
    p.add_argument("--learning-rate", type=float, default=2e-4)
    p.add_argument("--gradient-checkpointing", action="store_true")
    p.add_argument("--seed", type=int, default=0)
    return p.parse_args()


def build(args):
    """The model in training mode with dropout 0, wrapped by PEFT for LoRA."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, GPT2Config

    if args.model:
        config = GPT2Config(**BUILT_IN[args.model])
    else:
        config = AutoConfig.from_pretrained(args.config or args.model_dir)
    for name in NO_DROPOUT:
        if hasattr(config, name):
            setattr(config, name, 0.0)
    dtype = torch.bfloat16 if args.dtype == "bf16" else torch.float32
    if args.model_dir:
        model = AutoModelForCausalLM.from_pretrained(args.model_dir, config=config, dtype=dtype)
    else:
        config.dtype = torch.float32
        model = AutoModelForCausalLM.from_config(config).to(dtype)
    if args.method == "lora":
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(
            model,
            LoraConfig(
                r=args.lora_rank,
                lora_alpha=args.lora_alpha,
                lora_dropout=0.0,
                target_modules=args.lora_targets.split(","),
                task_type="CAUSAL_LM",
            ),
        )
    if args.gradient_checkpointing:
        model.gradient_checkpointing_enable()
        if args.method == "lora":
            model.enable_input_require_grads()
    return model.train()


def work(model, batch, length):
    """Floating-point operations of the matrix products of one step, recomputation not counted.

    A frozen matrix is used twice (forward, gradient of its input), a trainable one three times. The six products of
    causal attention count half a square each; sliding windows are not taken into account.
    """
    import torch
    from transformers.pytorch_utils import Conv1D

    flop = 0
    for module in model.modules():
        if isinstance(module, (torch.nn.Linear, Conv1D)):
            flop += 2 * batch * length * module.weight.numel() * (3 if module.weight.requires_grad else 2)
    c = model.config
    head_width = getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads
    width = c.num_attention_heads * head_width
    flop += c.num_hidden_layers * 6 * 2 * batch * width * length * (length + 1) // 2
    return flop


def main():
    args = arguments()
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    model = build(args)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=args.learning_rate)
    seconds = []
    for step in range(args.steps + 1):
        ids = torch.randint(0, model.config.vocab_size, (args.batch_size, args.max_seq_length))
        start = time.perf_counter()
        loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if step > 0:  # the first step allocates the optimizer's state and fills MKL's caches
            seconds.append(time.perf_counter() - start)

    median = statistics.median(seconds)
    flop = work(model, args.batch_size, args.max_seq_length)
    rss_unit = 1 if sys.platform == "darwin" else 1024
    report = {
        "program": "torch",
        "model": args.model or args.config or args.model_dir,
        "method": args.method,
        "batch_size": args.batch_size,
        "max_seq_length": args.max_seq_length,
        "threads": args.threads,
        "dtype": args.dtype,
        "gradient_checkpointing": args.gradient_checkpointing,
        "trainable_parameters": sum(p.numel() for p in trainable),
        "steps": args.steps,
        "seconds_per_step": median,
        "seconds_per_step_min": min(seconds),
        "seconds": seconds,
        "tokens_per_second": args.batch_size * args.max_seq_length / median,
        "gflop_per_step": flop * 1e-9,
        "gflops": flop * 1e-9 / median,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * rss_unit,
        "loss": loss.item(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    if args.method == "lora":
        import peft

        report.update({"lora_rank": args.lora_rank, "lora_targets": args.lora_targets, "peft": peft.__version__})
    print(json.dumps(report))


if __name__ == "__main__":
    main()
