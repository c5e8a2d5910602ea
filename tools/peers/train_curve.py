"""Train with PyTorch in float32 on the very batches that `mft train` saw, and print the same curve.

    mft train ... --dump-batches batches.jsonl
    python train_curve.py --model DIR --batches batches.jsonl --learning-rate 5e-4 --lr-scheduler-type cosine \\
        --warmup-steps 10 --eval-ids test.jsonl --eval-steps 50 --max-seq-length 128

DIR is the folder that the run started from. The batches file has one line per micro-batch, in the order seen:

    {"step": 1, "micro_batch": 0, "input_ids": [[...], [...]], "labels": [[...], [...]]}

Examples may have different lengths; labels are not shifted, -100 = no loss. The loss of an optimizer step is the sum over
its micro-batches divided by the supervised (shifted) tokens of the step.

--eval-ids is either JSON lines {"input_ids": [...]} or one JSON list of token ids. Each is cut into disjoint windows of
--max-seq-length; the perplexity is exp(sum of the losses / number of predicted tokens), the first token of a window being
context only.

Prints one JSON object per evaluation: {"step", "train_loss", "eval_ppl", ...}, step 0 being the model before training.
"""

import argparse
import itertools
import json
import math
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM

NO_LABEL = -100


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", required=True, metavar="DIR", help="model folder the run started from")
    p.add_argument("--adapter", metavar="DIR", help="PEFT adapter to train from here; without it every weight is trained")
    p.add_argument("--batches", required=True, metavar="FILE")
    p.add_argument("--learning-rate", type=float, required=True)
    p.add_argument("--lr-scheduler-type", choices=("constant", "linear", "cosine"), default="cosine")
    p.add_argument("--warmup-steps", type=int, default=0)
    p.add_argument("--max-steps", type=int, help="length of the schedule; default: the steps in the batches file")
    p.add_argument("--weight-decay", type=float, default=0.0)
    p.add_argument("--weight-decay-on", choices=("matrices", "all"), default="matrices")
    p.add_argument("--adam-beta1", type=float, default=0.9)
    p.add_argument("--adam-beta2", type=float, default=0.999)
    p.add_argument("--adam-epsilon", type=float, default=1e-8)
    p.add_argument("--max-grad-norm", type=float, default=1.0, help="0: no clipping")
    p.add_argument("--eval-ids", metavar="FILE")
    p.add_argument("--eval-steps", type=int, default=100)
    p.add_argument("--eval-batch-size", type=int, default=8)
    p.add_argument("--max-seq-length", type=int, default=128, help="window of the evaluation")
    p.add_argument("--logging-steps", type=int, default=0, help="print the training loss every N steps too")
    p.add_argument("--threads", type=int, default=2)
    return p.parse_args()


def load(args):
    config = AutoConfig.from_pretrained(args.model)
    for name in ("resid_pdrop", "embd_pdrop", "attn_pdrop", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, 0.0)
    model = AutoModelForCausalLM.from_pretrained(args.model, config=config, dtype=torch.float32)
    if args.adapter:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, args.adapter, is_trainable=True)
        dropout = {c.lora_dropout for c in model.peft_config.values()}
        if dropout != {0.0}:
            sys.exit(f"{args.adapter}: lora_dropout must be 0, is {dropout}; two programs cannot draw the same masks")
    return model


def optimizer_steps(path):
    """(step, its micro-batches) in the order of the file."""
    with open(path, encoding="utf-8") as file:
        lines = (json.loads(line) for line in file if line.strip())
        for step, group in itertools.groupby(lines, key=lambda line: line["step"]):
            yield step, list(group)


def padded(rows, filler):
    width = max(len(row) for row in rows)
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


def supervised(labels):
    return sum(label != NO_LABEL for row in labels for label in row[1:])


def summed_loss(model, ids, labels):
    """Sum of the losses of the supervised next tokens of some examples. Padding stands on the right."""
    mask = None
    if len({len(row) for row in ids}) > 1:
        mask = padded([[1] * len(row) for row in ids], 0)
    logits = model(input_ids=padded(ids, 0), attention_mask=mask, use_cache=False).logits[:, :-1]
    target = padded(labels, NO_LABEL)[:, 1:]
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), target.reshape(-1), ignore_index=NO_LABEL, reduction="sum"
    )


def windows(path, length):
    """The ids of a file in disjoint windows; a rest of one token has nothing to predict and is left out."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.lstrip().startswith("["):
        sequences = [json.loads(text)]
    else:
        sequences = [json.loads(line)["input_ids"] for line in text.splitlines() if line.strip()]
    cut = [ids[i : i + length] for ids in sequences for i in range(0, len(ids), length)]
    return [w for w in cut if len(w) > 1]


@torch.no_grad()
def perplexity(model, cut, batch_size):
    model.eval()
    total, tokens = 0.0, 0
    for i in range(0, len(cut), batch_size):
        rows = cut[i : i + batch_size]
        total += summed_loss(model, rows, rows).double().item()
        tokens += sum(len(row) - 1 for row in rows)
    model.train()
    return math.exp(total / tokens)


def adamw(model, args):
    parameters = [p for p in model.parameters() if p.requires_grad]
    decayed = [p for p in parameters if args.weight_decay_on == "all" or p.dim() == 2]
    others = [p for p in parameters if args.weight_decay_on != "all" and p.dim() != 2]
    groups = [{"params": decayed, "weight_decay": args.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return parameters, torch.optim.AdamW(
        [g for g in groups if g["params"]],
        lr=args.learning_rate,
        betas=(args.adam_beta1, args.adam_beta2),
        eps=args.adam_epsilon,
    )


def schedule(optimizer, args, steps):
    if args.lr_scheduler_type == "constant":
        return transformers.get_constant_schedule_with_warmup(optimizer, args.warmup_steps)
    if args.lr_scheduler_type == "linear":
        return transformers.get_linear_schedule_with_warmup(optimizer, args.warmup_steps, steps)
    return transformers.get_cosine_schedule_with_warmup(optimizer, args.warmup_steps, steps)


def report(**values):
    print(json.dumps({name: value for name, value in values.items() if value is not None}), flush=True)


def main():
    args = arguments()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(args.threads)
    model = load(args).train()
    last_step = max(step for step, _ in optimizer_steps(args.batches))
    parameters, optimizer = adamw(model, args)
    rates = schedule(optimizer, args, args.max_steps or last_step)
    cut = windows(args.eval_ids, args.max_seq_length) if args.eval_ids else []
    started = time.perf_counter()
    if cut:
        report(step=0, eval_ppl=perplexity(model, cut, args.eval_batch_size))
    for step, micro_batches in optimizer_steps(args.batches):
        tokens = sum(supervised(m["labels"]) for m in micro_batches)
        train_loss = 0.0
        for m in micro_batches:
            loss = summed_loss(model, m["input_ids"], m["labels"]) / tokens
            loss.backward()
            train_loss += loss.item()
        norm = torch.nn.utils.clip_grad_norm_(parameters, args.max_grad_norm or math.inf).item()
        rate = optimizer.param_groups[0]["lr"]
        optimizer.step()
        optimizer.zero_grad()
        rates.step()
        evaluate = bool(cut) and (step % args.eval_steps == 0 or step == last_step)
        if evaluate or (args.logging_steps and step % args.logging_steps == 0):
            report(
                step=step,
                train_loss=train_loss,
                eval_ppl=perplexity(model, cut, args.eval_batch_size) if evaluate else None,
                learning_rate=rate,
                grad_norm=norm,
                supervised_tokens=tokens,
                seconds=round(time.perf_counter() - started, 3),
            )


if __name__ == "__main__":
    main()
