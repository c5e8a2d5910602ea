"""What `mft eval` measures, by transformers.

    python evaluate.py ppl --model DIR --data wiki.test.raw --protocol hf|lm-eval|llamacpp --context 1024 [--stride 512] [--bos]
        [--lm-eval DIR]
    python evaluate.py choices --model DIR --samples samples.jsonl

`ppl` prints one JSON object, to be compared with `mft eval ppl --json`. For lm-eval's protocol its own functions are used: DIR
holds the package lm_eval 0.4.13, of which two files are read that need nothing else.
`choices` scores each line that `mft eval mmlu|task --samples` has written again, in passes over whole texts, and fails where
a score differs by more than 1e-3 or another option is predicted although the two best are not that close.
"""

import argparse
import importlib.util
import json
import math
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def module(file):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def joined_rows(text):
    """The rows of the data set wikitext, joined as the page on perplexity does."""
    rows = text.split("\n")
    rows = [row + "\n" for row in rows[:-1]] + ([rows[-1]] if rows[-1] else [])
    return "\n\n".join("" if not row.strip() else row for row in rows)


def hugging_face(model, tokenizer, text, args):
    """The loop of the page "Perplexity of fixed-length models"; with --bos a BOS token before each window."""
    front = [tokenizer.bos_token_id] if args.bos else []
    tokens = torch.tensor([tokenizer(joined_rows(text), add_special_tokens=not args.bos).input_ids])
    max_length = args.context - len(front)
    stride = args.stride or max_length
    seq_len = tokens.size(1)
    nll_sum, n_tokens, prev_end, windows = 0.0, 0, 0, 0
    for begin in range(0, seq_len, stride):
        end = min(begin + max_length, seq_len)
        trg_len = end - prev_end
        input_ids = tokens[:, begin:end]
        target_ids = input_ids.clone()
        target_ids[:, :-trg_len] = -100
        if front:
            input_ids = torch.cat([torch.tensor([front]), input_ids], 1)
            target_ids = torch.cat([torch.tensor([[-100]]), target_ids], 1)
        loss = model(input_ids, labels=target_ids).loss
        num_loss_tokens = (target_ids != -100).sum().item() - 1
        if num_loss_tokens > 0:
            nll_sum += loss.double().item() * num_loss_tokens
        n_tokens += num_loss_tokens
        prev_end = end
        windows += 1
        if end == seq_len:
            break
    return {"perplexity": math.exp(nll_sum / n_tokens), "loss": nll_sum / n_tokens, "tokens": n_tokens, "windows": windows}


def wikitext_pages(text):
    """As the script of EleutherAI/wikitext_document_level cuts them."""
    pages, page = [], []
    for line in text.split("\n"):
        heading = line.replace("= = =", "===").replace("= =", "==").strip()
        if heading.startswith("= ") and heading.endswith(" ="):
            pages.append("\n".join(page))
            page = []
        page.append(line)
    return [p for p in pages + ["\n".join(page)] if p.strip()]


def lm_eval(model, tokenizer, text, args):
    package = args.lm_eval / "lm_eval"
    wikitext = module(package / "tasks/wikitext/preprocess_wikitext.py")
    sys.path.insert(0, str(args.lm_eval))
    from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

    prefix = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    total, words, byte_count, tokens = 0.0, 0, 0, 0
    for page in wikitext_pages(text):
        ids = tokenizer.encode(wikitext.wikitext_detokenizer({"page": page}), add_special_tokens=False)
        for context, continuation in map(make_disjoint_window, get_rolling_token_windows(ids, prefix, args.context, 1)):
            inputs = torch.tensor([(context + continuation)[-(args.context + 1):][:-1]])
            logits = model(inputs).logits[0, -len(continuation):].double().log_softmax(-1)
            total += logits.gather(-1, torch.tensor(continuation)[:, None]).sum().item()
            tokens += len(continuation)
        results = wikitext.process_results({"page": page}, (0,))
        words += results["word_perplexity"][1]
        byte_count += results["byte_perplexity"][1]
    return {"word_perplexity": math.exp(-total / words), "byte_perplexity": math.exp(-total / byte_count),
            "bits_per_byte": -total / byte_count / math.log(2), "loss": -total / tokens, "tokens": tokens,
            "words": words, "bytes": byte_count}


def llama_cpp(model, tokenizer, text, args):
    tokens = tokenizer(text.removesuffix("\n")).input_ids
    n, first = args.context, args.context // 2
    total, count = 0.0, 0
    for begin in range(0, len(tokens) - n + 1, n):
        window = list(tokens[begin:begin + n])
        if args.bos:
            window[0] = tokenizer.bos_token_id
        logits = model(torch.tensor([window])).logits[0, first:n - 1].double().log_softmax(-1)
        total -= logits.gather(-1, torch.tensor(tokens[begin + first + 1:begin + n])[:, None]).sum().item()
        count += n - first - 1
    return {"perplexity": math.exp(total / count), "loss": total / count, "tokens": count}


def choices(model, tokenizer, args):
    positions = model.config.max_position_embeddings
    worst, wrong, count = 0.0, 0, 0
    for line in args.samples.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        contexts = sample["context"]
        contexts = contexts if isinstance(contexts, list) else [contexts] * len(sample["continuations"])
        scores = []
        for context, continuation in zip(contexts, sample["continuations"]):
            stripped = context.rstrip()
            ids = tokenizer.encode(context + continuation)
            answer = ids[len(tokenizer.encode(stripped)):]
            logits = model(torch.tensor([ids[-(positions + 1):][:-1]])).logits[0, -len(answer):].double().log_softmax(-1)
            scores.append(logits.gather(-1, torch.tensor(answer)[:, None]).sum().item())
        worst = max([worst] + [abs(a - b) for a, b in zip(scores, sample["scores"])])
        ranked = sorted(scores)
        wrong += scores.index(max(scores)) != sample["predicted"] and ranked[-1] - ranked[-2] > 1e-3
        count += 1
    print(json.dumps({"samples": count, "largest_difference": worst, "other_predictions": wrong}))
    sys.exit(1 if worst > 1e-3 or wrong else 0)


parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["ppl", "choices"])
parser.add_argument("--model", type=pathlib.Path, required=True)
parser.add_argument("--data", type=pathlib.Path)
parser.add_argument("--protocol", choices=["hf", "lm-eval", "llamacpp"], default="hf")
parser.add_argument("--context", type=int, default=1024)
parser.add_argument("--stride", type=int)
parser.add_argument("--bos", action="store_true")
parser.add_argument("--lm-eval", type=pathlib.Path)
parser.add_argument("--samples", type=pathlib.Path)
args = parser.parse_args()
torch.set_grad_enabled(False)
model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32).eval()
tokenizer = AutoTokenizer.from_pretrained(args.model)
if args.what == "choices":
    choices(model, tokenizer, args)
text = args.data.read_bytes().decode("utf-8")
measure = {"hf": hugging_face, "lm-eval": lm_eval, "llamacpp": llama_cpp}[args.protocol]
print(json.dumps(measure(model, tokenizer, text, args)))
