"""Make the golden files of the tests: tiny random models and what transformers, peft and torch compute with them.

    python generate.py            writes testkit/src/test/resources/golden/tiny-*, one folder for each of families.py
    python generate.py --check    makes them again elsewhere and compares; exit 1 if a number moved
    --only tiny-qwen2             one of them

Everything is computed in float64 on one thread and stored as float32 (see reference.py). Every weight is random, the
norms' gains and biases too, so that no term of a gradient vanishes by accident. README.md lists the files.
"""

import argparse
import contextlib
import json
import math
import os
import pathlib
import platform
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import peft
import reference
import safetensors
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from families import FAMILIES
from transformers import AutoConfig, AutoModelForCausalLM, get_cosine_schedule_with_warmup

HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = HERE.parents[2] / "testkit/src/test/resources/golden"
SEED = 61
LENGTH = 18
ADAMW = dict(betas=(0.9, 0.999), eps=1e-8)
CURVE = dict(learning_rate=5e-3, schedule="cosine", warmup_steps=2, steps=10, weight_decay=0.1, max_grad_norm=1.0)


def randomise(family, model, seed):
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        r = torch.randn(p.shape, generator=generator, dtype=torch.float32)
        if family.is_norm(name):
            p.data.copy_(r * 0.3 + (family.gain if name.endswith("weight") else 0.0))
        elif p.dim() == 1 or "wpe" in name:
            p.data.copy_(r * 0.2)
        elif "wte" in name or "embed_tokens" in name:
            p.data.copy_(r * 0.4)
        else:
            p.data.copy_(r * 1.2 / math.sqrt(p.shape[-1]))


def load(folder):
    """A fresh float64 copy of the model in a folder, whatever the type of its file."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).double().eval()
    stored = json.loads((folder / "config.json").read_text())
    if hasattr(model.get_input_embeddings(), "embed_scale"):
        # transformers rounds Gemma's factor to the type in which it computes; the file's type is meant here
        scale = torch.tensor(math.sqrt(stored["hidden_size"]))
        model.get_input_embeddings().embed_scale = scale.to(getattr(torch, stored.get("torch_dtype", "float32"))).double()
    return model


def gradients(model):
    return [(n, p.grad) for n, p in model.named_parameters() if p.grad is not None]


def model_folder(family, out):
    """config.json as published (transformers 4), config.v5.json as transformers 5 writes it, model.safetensors."""
    write_json(out / "config.json", family.config)
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(out))
    randomise(family, model, SEED)
    model.tie_weights()
    model.save_pretrained(out)
    (out / "generation_config.json").unlink(missing_ok=True)
    (out / "config.json").rename(out / "config.v5.json")
    write_json(out / "config.json", family.config)
    with torch.no_grad():
        ids = reference.batch(family.vocabulary, LENGTH, SEED + 1)[0]
        if not torch.equal(load(out)(ids).logits, model.double().eval()(ids).logits):
            raise AssertionError("config.json and config.v5.json do not describe the same model")


def forward_backward(out, batch, info):
    ids, mask, _ = batch
    model = load(out)
    loss, output, nll, tokens = reference.forward(model, *batch)
    loss.backward()
    reference.save(
        reference.golden(*batch, output, nll, gradients(model)), out / "golden_forward_backward.safetensors"
    )
    with torch.no_grad():
        rounded = AutoModelForCausalLM.from_pretrained(out).eval()(input_ids=ids, attention_mask=mask).logits.double()
        greedy = ids[:1, :6]
        while greedy.shape[1] < 20:
            greedy = torch.cat([greedy, model(input_ids=greedy).logits[:, -1:].argmax(-1)], 1)
    info["float32_vs_float64_max_abs_logit_diff"] = (output.logits - rounded).abs()[mask.bool()].max().item()
    info["loss"] = loss.item()
    info["loss_tokens"] = tokens
    info["grad_norm_all"] = math.sqrt(sum((g**2).sum().item() for _, g in gradients(model)))
    info["greedy_from_first_6_of_row_0"] = greedy[0].tolist()


def full_ft(out, batch, info):
    """Three steps: constant rate, decay on every tensor, clipping."""
    model = load(out)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.01, **ADAMW)
    losses, norms = [], []
    for _ in range(3):
        optimizer.zero_grad()
        loss = reference.forward(model, *batch)[0]
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        losses.append(reference.forward(model, *batch)[0].item())
    info["full_ft"] = {
        "lr": 1e-2, **ADAMW, "weight_decay": 0.01, "weight_decay_on": "all", "clip": 1.0,
        "losses_before_each_step_and_after": losses, "grad_norms_before_clip": norms,
    }  # fmt: skip


def adapter(family, out, batch, folder, golden, **config):
    """Writes an adapter whose B is not zero and its golden file; gives the model, its output and its loss."""
    config = LoraConfig(**{**family.lora, **config}, task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(out), config).eval()
    reference.random_adapter(model, SEED + 7)
    save_adapter(family, model, out / folder)
    model = model.double()
    loss, output, nll, _ = reference.forward(model, *batch)
    loss.backward()
    tensors = reference.golden(*batch, output, nll, reference.lora_gradients(model), hidden=False)
    reference.save(tensors, out / golden)
    return model, output, loss


def lora(family, out, batch, info):
    """Forward, gradients and five steps."""
    model, output, loss = adapter(family, out, batch, "adapter", "golden_lora.safetensors")
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=5e-3, weight_decay=0.0, **ADAMW)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        step_loss = reference.forward(model, *batch)[0]
        step_loss.backward()
        optimizer.step()
        losses.append(step_loss.item())
    with torch.no_grad():
        losses.append(reference.forward(model, *batch)[0].item())
        merged = PeftModel.from_pretrained(load(out), out / "adapter").merge_and_unload()
        merged_logits = merged(input_ids=batch[0], attention_mask=batch[1]).logits
    save_adapter(family, model.float(), out / "adapter_step5")
    info["lora"] = {
        "r": family.lora["r"], "alpha": family.lora["lora_alpha"], "targets": family.lora["target_modules"],
        "loss": loss.item(),
        "trainable": sum(p.numel() for p in trainable),
        "adamw": {"lr": 5e-3, **ADAMW, "weight_decay": 0.0, "losses_before_each_step_and_after": losses},
        "merged_vs_unmerged_max_abs": (merged_logits - output.logits).abs()[batch[1].bool()].max().item(),
    }  # fmt: skip


def save_adapter(family, model, folder):
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = family.name
    config["target_modules"] = sorted(config["target_modules"])  # PEFT writes a set: another order in every run
    write_json(folder / "adapter_config.json", config)


def curve_batches(family):
    """Ten optimizer steps of two micro-batches: ragged examples, some with a prompt, a last step with a single example.

    The format is that of `mft train --dump-batches`.
    """
    generator = torch.Generator().manual_seed(SEED + 13)

    def number(low, high):
        return int(torch.randint(low, high + 1, (), generator=generator))

    def example():
        # A sequence that can be learnt: each token is the last one plus a step, modulo the vocabulary.
        length, first, stride = number(5, family.positions), number(3, 60), number(1, 3)
        ids = [3 + (first + stride * t) % (family.vocabulary - 3) for t in range(length)]
        prompt = number(0, 3)
        return ids, [-100] * prompt + ids[prompt:]

    lines = []
    for step in range(1, CURVE["steps"] + 1):
        for micro_batch in range(2 if step < CURVE["steps"] else 1):
            examples = [example() for _ in range(2 if step < CURVE["steps"] else 1)]
            lines.append(
                {
                    "step": step,
                    "micro_batch": micro_batch,
                    "input_ids": [ids for ids, _ in examples],
                    "labels": [labels for _, labels in examples],
                }
            )
    return lines


def curve(model, lines):
    """Loss of every optimizer step: sum over its micro-batches / its supervised tokens; then the loss of step 1 again."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() == 2], "weight_decay": CURVE["weight_decay"]},
        {"params": [p for p in parameters if p.dim() != 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW([g for g in groups if g["params"]], lr=CURVE["learning_rate"], **ADAMW)
    schedule = get_cosine_schedule_with_warmup(optimizer, CURVE["warmup_steps"], CURVE["steps"])

    def step_loss(step):
        total, tokens = 0.0, 0
        for line in (line for line in lines if line["step"] == step):
            for ids, labels in zip(line["input_ids"], line["labels"]):
                nll, counts = reference.token_nll(model(torch.tensor([ids])).logits, torch.tensor([labels]))
                total, tokens = total + nll.sum(), tokens + int(counts.sum())
        return total / tokens, tokens

    report = {"losses": [], "grad_norms_before_clip": [], "learning_rates": [], "supervised_tokens": []}
    for step in range(1, CURVE["steps"] + 1):
        optimizer.zero_grad()
        loss, tokens = step_loss(step)
        loss.backward()
        report["losses"].append(loss.item())
        report["supervised_tokens"].append(tokens)
        norm = torch.nn.utils.clip_grad_norm_(parameters, CURVE["max_grad_norm"])
        report["grad_norms_before_clip"].append(norm.item())
        report["learning_rates"].append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        report["loss_of_step_1_afterwards"] = step_loss(1)[0].item()
    return report


def curves(family, out, info):
    lines = curve_batches(family)
    (out / "curve_batches.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    info["curve"] = {
        **CURVE, **ADAMW, "weight_decay_on": "matrices", "batches": "curve_batches.jsonl",
        "full": curve(load(out), lines),
        "lora": curve(PeftModel.from_pretrained(load(out), out / "adapter", is_trainable=True).double(), lines),
    }  # fmt: skip


def reduced(family, out, batch):
    """The same weights as bfloat16, and those of GPT-2 as float16 in the layout of the hub: no prefix, mask buffers."""
    weights = load_file(out / "model.safetensors")
    config = json.loads((out / "config.json").read_text())
    variants = {"bf16": ({name: t.to(torch.bfloat16) for name, t in weights.items()}, "bfloat16")}
    if family.name == "tiny-gpt2":
        half = {name.removeprefix("transformer."): t.to(torch.float16) for name, t in weights.items()}
        n = family.positions
        for layer in range(family.config["n_layer"]):
            half[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(1, 1, n, n, dtype=torch.float16))
        variants["f16-published-layout"] = (half, "float16")
    for name, (tensors, dtype) in variants.items():
        folder = out / name
        folder.mkdir(exist_ok=True)
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        write_json(folder / "config.json", dict(config, torch_dtype=dtype))
        model = load(folder)
        loss, output, nll, tokens = reference.forward(model, *batch)
        loss.backward()
        kept = gradients(model) if name == "bf16" else []  # one set of gradients is enough, they are large
        file = reference.golden(*batch, output, nll, kept, hidden=False)
        reference.save(file, folder / "golden_forward_backward.safetensors")
        write_json(folder / "golden.json", {"loss": loss.item(), "loss_tokens": tokens})


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def generate(family, out):
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    out.mkdir(parents=True, exist_ok=True)
    info = {
        "model": family.name,
        "made_by": "tools/golden/pytorch/generate.py",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "peft": peft.__version__,
            "safetensors": safetensors.__version__,
        },
    }
    batch = reference.batch(family.vocabulary, LENGTH, SEED + 1)
    model_folder(family, out)
    forward_backward(out, batch, info)
    full_ft(out, batch, info)
    lora(family, out, batch, info)
    if "dora" in family.variants:
        adapter(family, out, batch, "adapter_dora", "golden_dora.safetensors", use_dora=True)
    if "rslora" in family.variants:
        adapter(family, out, batch, "adapter_rslora", "golden_rslora.safetensors", use_rslora=True, r=3)
    if family.name == "tiny-gpt2":
        curves(family, out, info)
    if family.reduced:
        reduced(family, out, batch)
    write_json(out / "golden.json", info)
    for file in out.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)  # safetensors files are private to their writer


def differences(ours, again, path=""):
    """Places where two JSON values differ by more than rounding; versions may differ."""
    if isinstance(ours, dict) and isinstance(again, dict):
        for key in sorted(ours.keys() | again.keys()):
            if key not in ("versions", "transformers_version", "peft_version"):
                yield from differences(ours.get(key), again.get(key), f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(again, list) and len(ours) == len(again):
        for i, (a, b) in enumerate(zip(ours, again)):
            yield from differences(a, b, f"{path}/{i}")
    elif isinstance(ours, float) and isinstance(again, float):
        if not math.isclose(ours, again, rel_tol=1e-6, abs_tol=1e-5):
            yield f"{path}: {ours} became {again}"
    elif ours != again:
        yield f"{path}: {ours} became {again}"


def compare(committed, again):
    """Lines that say what moved between two folders of golden files."""
    names = sorted({p.relative_to(d) for d in (committed, again) for p in d.rglob("*") if p.is_file()})
    for name in names:
        a, b = committed / name, again / name
        if not a.exists() or not b.exists():
            yield f"{name}: only in {'the new' if b.exists() else 'the committed'} folder"
        elif name.suffix == ".json":
            yield from differences(json.loads(a.read_text()), json.loads(b.read_text()), str(name))
        elif name.suffix == ".safetensors":
            x, y = load_file(a), load_file(b)
            if x.keys() != y.keys():
                yield f"{name}: other tensors: {sorted(x.keys() ^ y.keys())}"
                continue
            for key in x:
                if x[key].shape != y[key].shape or not torch.allclose(x[key].double(), y[key].double(), 1e-5, 1e-6):
                    yield f"{name}: {key} moved"
        elif a.read_bytes() != b.read_bytes():
            yield f"{name}: other bytes"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    p.add_argument("--check", action="store_true", help="compare with the files in the output folder, write nothing")
    p.add_argument("--only", choices=[f.name for f in FAMILIES], help="one model")
    args = p.parse_args()
    moved = []
    for family in FAMILIES:
        if args.only not in (None, family.name):
            continue
        committed = args.output / family.name
        with contextlib.ExitStack() as stack:
            out = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())) if args.check else committed
            generate(family, out)
            changes = list(compare(committed, out)) if args.check else []
            size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
        print("\n".join(changes) or f"{family.name}: {size} bytes, {'nothing moved' if args.check else 'written'}")
        moved += changes
    sys.exit(1 if moved else 0)


if __name__ == "__main__":
    main()
