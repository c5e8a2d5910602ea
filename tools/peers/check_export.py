"""What mft export and mft merge have written, loaded by the programs that it was written for.

    python tools/peers/check_export.py MODEL ADAPTER --peft DIR --hf DIR --gguf FILE --gguf-lora FILE

The reference is transformers with the adapter put on the model by peft, in float32. A peft folder and
an hf folder are loaded and their logits compared. Tensors of a GGUF file are read by gguf-py,
dequantised, and compared with the state of the merged reference, turned into llama.cpp's layout here
from the description of its converter. Needs torch, transformers, peft, gguf. Any of the options may be
left out; exit code 1 if something differs by more than its bound.
"""

import argparse
import re
import sys

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from peft import PeftModel
from transformers import AutoModelForCausalLM

BOUNDS = {"F32": 1e-5, "F16": 1e-3, "BF16": 8e-3, "Q8_0": 8e-3}  # of the tensor's largest magnitude
MODULES = {
    "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
    "ln_1": "attn_norm", "ln_2": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
GEMMA = {
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
OUTSIDE = {
    "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "embed_tokens": "token_embd",
    "norm": "output_norm", "lm_head": "output",
}


def gguf_name(name, kind):
    block = re.fullmatch(r"(?:transformer\.h|model\.layers)\.(\d+)\.(.+)\.(weight|bias)", name)
    if block:
        modules = {**MODULES, **GEMMA} if kind == "gemma3_text" else MODULES
        return f"blk.{block[1]}.{modules[block[2]]}.{block[3]}"
    module, end = name.rsplit(".", 1)
    return f"{OUTSIDE[module.split('.')[-1]]}.{end}"


def permuted(x, heads):
    """llama.cpp's converter, LlamaModel.permute."""
    return x.reshape(heads, 2, x.shape[0] // heads // 2, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)


def in_layout(name, x, config):
    if config.model_type == "gpt2" and x.ndim == 2 and re.search(r"\.(c_attn|c_proj|c_fc)\.", name):
        return x.T
    if config.model_type == "gemma3_text" and name.endswith("norm.weight"):
        return x + 1
    if config.model_type == "llama" and "q_proj" in name:
        return permuted(x, config.num_attention_heads)
    if config.model_type == "llama" and "k_proj" in name:
        return permuted(x, config.num_key_value_heads)
    return x


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("adapter")
    p.add_argument("--peft")
    p.add_argument("--hf")
    p.add_argument("--gguf", action="append", default=[])
    p.add_argument("--gguf-lora", action="append", default=[])
    args = p.parse_args()
    failed = False

    def report(what, error, bound):
        nonlocal failed
        ok = error <= bound
        failed |= not ok
        print(f"{what}: {error:.2e} (bound {bound:.0e}) {'ok' if ok else 'DIFFERS'}")

    def base():
        return AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32).eval()

    torch.manual_seed(1)
    reference = PeftModel.from_pretrained(base(), args.adapter).eval()
    config = reference.config if hasattr(reference.config, "model_type") else reference.base_model.config
    ids = torch.randint(0, config.vocab_size, (2, 16))
    with torch.no_grad():
        logits = reference(input_ids=ids).logits
        scale = logits.abs().max().item()
        if args.peft:
            ours = PeftModel.from_pretrained(base(), args.peft).eval()(input_ids=ids).logits
            report("peft folder, logits", (ours - logits).abs().max().item() / scale, 1e-6)
        if args.hf:
            stored = AutoModelForCausalLM.from_pretrained(args.hf)
            kind = str(stored.dtype).split(".")[-1]
            ours = stored.float().eval()(input_ids=ids).logits
            bound = {"float32": 1e-5, "float16": 1e-2, "bfloat16": 5e-2}[kind]
            report(f"hf folder, {kind}, logits", (ours - logits).abs().max().item() / scale, bound)

    lora = {n: t.detach().numpy() for n, t in reference.named_parameters() if ".lora_" in n}
    scales = {n: m.scaling["default"] for n, m in reference.named_modules() if isinstance(getattr(m, "scaling", None), dict)}
    merged = reference.merge_and_unload().state_dict()
    for path in args.gguf:
        tensors = {t.name: t for t in GGUFReader(path).tensors}
        tensors.pop("rope_freqs.weight", None)
        worst = {}
        for name, value in merged.items():
            if name == "lm_head.weight" and config.tie_word_embeddings:
                continue
            t = tensors.pop(gguf_name(name, config.model_type))
            ours = dequantize(t.data, t.tensor_type).reshape(tuple(reversed([int(n) for n in t.shape])))
            wanted = in_layout(name, value.numpy(), config)
            assert ours.shape == wanted.shape, (name, ours.shape, wanted.shape)
            error = np.abs(ours - wanted).max() / np.abs(wanted).max()
            worst[t.tensor_type.name] = max(worst.get(t.tensor_type.name, 0), float(error))
        assert not tensors, f"{path} has more than the model: {sorted(tensors)}"
        for kind, error in worst.items():
            report(f"{path}, {kind} tensors", error, BOUNDS[kind])

    for path in args.gguf_lora:
        reader = GGUFReader(path)
        alpha = float(reader.fields["adapter.lora.alpha"].contents())
        tensors = {t.name: t for t in reader.tensors}
        worst = 0.0
        for name, a in ((n, t) for n, t in lora.items() if ".lora_A." in n):
            site = name.removeprefix("base_model.model.").split(".lora_A.")[0]
            b = lora[name.replace("lora_A", "lora_B")]
            wanted = scales["base_model.model." + site] * b @ a
            wanted = in_layout(site + ".weight", wanted.T if config.model_type == "gpt2" else wanted, config)
            pair = [tensors.pop(gguf_name(site + ".weight", config.model_type) + x) for x in (".lora_a", ".lora_b")]
            oa, ob = (dequantize(t.data, t.tensor_type).reshape(tuple(reversed([int(n) for n in t.shape]))) for t in pair)
            ours = alpha / oa.shape[0] * ob @ oa
            worst = max(worst, float(np.abs(ours - wanted).max() / np.abs(wanted).max()))
        assert not tensors, f"{path} has more than the adapter: {sorted(tensors)}"
        kind = reader.tensors[0].tensor_type.name
        report(f"{path}, {kind}, B·A", worst, BOUNDS[kind])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
