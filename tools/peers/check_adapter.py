"""Exchange an adapter with PEFT in both directions.

    python check_adapter.py read --model DIR --adapter DIR --ids ids.json --logits logits.safetensors
        loads our adapter with peft.PeftModel.from_pretrained, computes the logits for the ids and compares them with
        ours; exit 1 if they differ by more than --tolerance.
        ids.json: [1, 2, 3] or {"input_ids": [1, 2, 3]}.   logits.safetensors: `logits`, float32 [T, V].

    python check_adapter.py write --model DIR --output DIR
        PEFT writes an adapter with random B and DIR/golden_lora.safetensors beside it, so that
        `mft verify --model DIR --golden DIR/golden_lora.safetensors --adapter DIR` checks what we read:
        logits, the loss of every token and the gradients of A and B, and of the magnitudes of DoRA.

Both print one JSON object.
"""

import argparse
import json
import os
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden" / "pytorch"))

import peft
import reference
import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = p.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read", help="an adapter that we wrote, in PEFT")
    read.add_argument("--adapter", required=True, metavar="DIR")
    read.add_argument("--ids", required=True, metavar="FILE")
    read.add_argument("--logits", required=True, metavar="FILE")
    read.add_argument("--tolerance", type=float, default=1e-4, help="largest absolute difference allowed")
    write = commands.add_parser("write", help="an adapter that PEFT wrote, for us")
    write.add_argument("--output", required=True, metavar="DIR", type=pathlib.Path)
    write.add_argument("--lora-rank", type=int, default=8)
    write.add_argument("--lora-alpha", type=int, default=16)
    write.add_argument("--lora-targets", default="c_attn,c_proj,c_fc", help="module names, separated by commas")
    write.add_argument("--rslora", action="store_true", help="scale alpha/sqrt(r) instead of alpha/r")
    write.add_argument("--dora", action="store_true", help="magnitudes beside the directions")
    write.add_argument("--length", type=int, default=18, help="tokens of the longer row")
    write.add_argument("--seed", type=int, default=1)
    for command in (read, write):
        command.add_argument("--model", required=True, metavar="DIR")
        command.add_argument("--threads", type=int, default=2)
    return p.parse_args()


def load(folder, dtype):
    """The base model; float32 values of the file whatever its type, then widened."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).to(dtype).eval()


def stored_and_loaded_differ(model, folder):
    """Names of the adapter file's tensors that PEFT did not take over; PEFT only warns about them."""
    stored = load_file(f"{folder}/adapter_model.safetensors")
    loaded = peft.get_peft_model_state_dict(model)
    names = stored.keys() ^ loaded.keys()
    names |= {n for n in stored.keys() & loaded.keys() if not torch.equal(stored[n].float(), loaded[n].float())}
    return sorted(names)


@torch.no_grad()
def read(args):
    ids = json.loads(pathlib.Path(args.ids).read_text())
    ids = torch.tensor([ids["input_ids"] if isinstance(ids, dict) else ids])
    ours = load_file(args.logits)["logits"]
    base = load(args.model, torch.float32)
    without = base(input_ids=ids).logits[0]
    model = peft.PeftModel.from_pretrained(base, args.adapter).eval()
    wrong = stored_and_loaded_differ(model, args.adapter)
    logits = model(input_ids=ids).logits[0]
    if ours.shape != logits.shape:
        sys.exit(f"{args.logits}: logits should be {list(logits.shape)}, are {list(ours.shape)}; were the ids the same?")
    difference = (ours - logits).abs().max().item()
    exact = peft.PeftModel.from_pretrained(load(args.model, torch.float64), args.adapter).double().eval()
    result = {
        "max_abs_difference": difference,
        "max_abs_difference_to_float64": (ours.double() - exact(input_ids=ids).logits[0]).abs().max().item(),
        "tolerance": args.tolerance,
        "max_abs_logit": logits.abs().max().item(),
        "max_abs_effect_of_adapter": (logits - without).abs().max().item(),
        "tokens": ids.shape[1],
        "not_taken_over_by_peft": wrong,
    }
    # An adapter that changes nothing would agree whatever was read.
    result["passed"] = difference <= args.tolerance and not wrong and result["max_abs_effect_of_adapter"] > 0
    return result


def write(args):
    config = peft.LoraConfig(
        r=args.lora_rank,
        lora_alpha=args.lora_alpha,
        lora_dropout=0.0,
        target_modules=args.lora_targets.split(","),
        use_rslora=args.rslora,
        use_dora=args.dora,
        task_type="CAUSAL_LM",
    )
    model = peft.get_peft_model(load(args.model, torch.float32), config).eval()
    # Small enough that the logits of a trained model stay near those of the base.
    reference.random_adapter(model, args.seed, deviation=0.05)
    model.save_pretrained(args.output)
    model = model.double()
    ids, mask, labels = reference.batch(model.config.vocab_size, args.length, args.seed + 1)
    loss, output, nll, tokens = reference.forward(model, ids, mask, labels)
    loss.backward()
    tensors = reference.golden(ids, mask, labels, output, nll, reference.lora_gradients(model), hidden=False)
    golden = args.output / "golden_lora.safetensors"
    reference.save(tensors, golden)
    return {"adapter": str(args.output), "golden": str(golden), "loss": loss.item(), "loss_tokens": tokens, "passed": True}


def main():
    args = arguments()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(args.threads)
    result = read(args) if args.command == "read" else write(args)
    result["versions"] = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}
    print(json.dumps(result))
    sys.exit(0 if result["passed"] else 1)


if __name__ == "__main__":
    main()
