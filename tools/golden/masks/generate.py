"""Writes which tokens TRL's training templates teach; see README.md."""

import json
import pathlib
import sys

import transformers
import trl

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
SHAPES = ROOT / "tools/golden/chat-templates/shapes"
TOKENIZERS = ROOT / "core/src/test/resources/text"
TRL = pathlib.Path(trl.__file__).parent / "chat_templates"

# The test's tokenizer, TRL's template, and a template of our own that writes the same text.
MODELS = [
    ("qwen2", "qwen2_5_training.jinja", "qwen.jinja", {"eos_token": "<|im_end|>"}),
    ("gemma", "gemma3_training.jinja", "gemma.jinja", {"bos_token": "<bos>", "eos_token": "<eos>"}),
]


def ours(name):
    """A template of our own, with Qwen2.5's system message for conversations that have none."""
    template = (SHAPES / name).read_text(encoding="utf-8")
    return template.replace(
        "You are a careful helper.",
        "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
    )


def said(*turns):
    roles = {"s": "system", "u": "user", "a": "assistant"}
    return [{"role": roles[turn[0]], "content": turn[1:]} for turn in turns]


CONVERSATIONS = [
    said("uWhat is a harbour?", "aA place for ships."),
    said("sBe brief.", "uWhat is a harbour?", "aA place for ships."),
    said("uOne?", "aOne.", "uTwo?", "aTwo, as you'd say.", "uThree?", "aThree: 3."),
    said("sThe sea.", "uHello!", "aAhoy, sailor 12!", "uWhere to?", "aOut to sea…\n\nNow!"),
    said("uGröße? 🙂👍🏽", "a🙂 drei Meter — «ok»", "u京都の電車", "a駅 朝の電車は七時"),
    said("u", "a", "uWell?", "a  Spaces  before\n and behind \n"),
]


def masks(folder, template, text_template, tokens, messages):
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(TOKENIZERS / folder / "tokenizer.json"), **tokens
    )
    training = (TRL / template).read_text(encoding="utf-8")
    text = tokenizer.apply_chat_template(messages, chat_template=training, tokenize=False)
    same = tokenizer.apply_chat_template(
        messages, chat_template=ours(text_template), tokenize=False
    )
    assert text == same
    both = tokenizer.apply_chat_template(
        messages, chat_template=training, return_dict=True, return_assistant_tokens_mask=True
    )
    return both["input_ids"], both["assistant_masks"]


def main(file):
    lines = []
    for folder, template, text_template, tokens in MODELS:
        for messages in CONVERSATIONS:
            ids, mask = masks(folder, template, text_template, tokens, messages)
            lines.append(
                {
                    "tokenizer": folder,
                    "trl": template,
                    "template": ours(text_template),
                    "tokens": tokens,
                    "messages": messages,
                    "ids": ids,
                    "mask": mask,
                }
            )
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    pathlib.Path(file).write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main(sys.argv[1])
