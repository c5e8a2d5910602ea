"""The definitions that every golden file shares: the batch, the loss, the layout of the file.

A golden file is computed in float64 and stored as float32. Its tensors:

    input_ids, attention_mask, labels   int32   [B, T]   padded on the right, labels not shifted, -100 = no loss
    logits                              float32 [B, T, V]
    hidden.N                            float32 [B, T, D] 0 = output of the embedding, last = after the final norm
    token_nll                           float32 [B, T-1] entry t belongs to labels[t+1]; 0 where that is -100
    grad.NAME                           float32          gradient of the loss, by the name of the weight

The loss is sum(token_nll) / number of labels[:, 1:] that are not -100.
"""

import torch
from safetensors.torch import save_file

PADDING = 5  # tokens at the end of the second row that do not exist
PROMPT = 4  # tokens at the start of the first row without a label


def batch(vocabulary, length, seed):
    """Two rows of random ids: the first with a prompt that is not supervised, the second shorter."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, vocabulary, (2, length), generator=generator)
    mask = torch.ones_like(ids)
    mask[1, length - PADDING :] = 0
    ids[1, length - PADDING :] = 0
    labels = ids.clone()
    labels[mask == 0] = -100
    labels[0, :PROMPT] = -100
    return ids, mask, labels


def token_nll(logits, labels):
    """Negative log-likelihood of every next token, and which of them count.   logits: [B, T, V] -> [B, T-1]."""
    target = labels[:, 1:]
    counts = target != -100
    log_probability = torch.log_softmax(logits[:, :-1], -1)
    nll = -log_probability.gather(-1, target.clamp(min=0)[..., None])[..., 0] * counts
    return nll, counts


def forward(model, ids, mask, labels):
    """(loss, output, token_nll, number of supervised tokens) in the type of the model.

    transformers computes its loss from float32 logits; here it stays in float64, and the two must agree.
    """
    output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    nll, counts = token_nll(output.logits, labels)
    loss = nll.sum() / counts.sum()
    theirs = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    if abs((theirs - loss).item()) > 2e-5:
        raise AssertionError(f"loss: transformers says {theirs.item()}, the definition says {loss.item()}")
    return loss, output, nll, int(counts.sum())


def golden(ids, mask, labels, output, nll, gradients, hidden=True):
    """The tensors of a golden file. `gradients` is a list of (name, gradient)."""
    tensors = {"input_ids": ids, "attention_mask": mask, "labels": labels, "logits": output.logits, "token_nll": nll}
    if hidden:
        tensors.update({f"hidden.{i}": h for i, h in enumerate(output.hidden_states)})
    tensors.update({f"grad.{name}": gradient for name, gradient in gradients})
    return tensors


def lora_gradients(model):
    """(name, gradient) of every parameter of an adapter, by the names that PEFT uses in adapter files."""

    def stored(name):
        return name.replace(".default", "").replace("lora_magnitude_vector.weight", "lora_magnitude_vector")

    return [(stored(n), p.grad) for n, p in model.named_parameters() if p.requires_grad]


def random_adapter(model, seed, deviation=0.15):
    """Makes every LoRA matrix random, and DoRA's magnitudes other than the norms that they start with.

    PEFT starts with B = 0, which would hide an error in the gradient of A.
    """
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if "lora_magnitude" in name:
            parameter.data.mul_(1 + torch.randn(parameter.shape, generator=generator) * deviation)
        elif "lora_" in name:
            parameter.data.copy_(torch.randn(parameter.shape, generator=generator) * deviation)


def save(tensors, path):
    """Writes a safetensors file: reals as float32, integers as int32."""

    def stored(t):
        kind = torch.float32 if t.is_floating_point() else torch.int32
        return t.detach().to(kind).contiguous().clone()

    save_file({name: stored(t) for name, t in tensors.items()}, path, metadata={"format": "pt"})
