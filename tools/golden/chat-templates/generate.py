"""Writes golden renderings of chat templates; see README.md."""

import datetime
import json
import pathlib
import sys

import transformers.utils.chat_template_utils as reference

import constructs
import conversations
import fuzz

HERE = pathlib.Path(__file__).parent
TOKENS = {"bos_token": "<bos>", "eos_token": "</s>"}


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2025, 3, 7, 14, 5, 9)


reference.datetime = Clock


def render(template, variables):
    """The text, or None where the reference raises whatever exception."""
    try:
        compiled = reference._compile_jinja_template(template)
        return compiled.render(**json.loads(json.dumps(variables)))
    except RecursionError:
        raise
    except Exception:
        return None


def conversation(case, prompt):
    return {
        **TOKENS,
        **case.get("variables", {}),
        "messages": case["messages"],
        "tools": case.get("tools"),
        "documents": None,
        "add_generation_prompt": prompt,
    }


def write(file, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    pathlib.Path(file).write_text(text, encoding="utf-8", newline="")


def shapes(folder):
    yield {"tokens": TOKENS, "conversations": conversations.ALL}
    for file in sorted(pathlib.Path(folder).glob("*.jinja")):
        template = file.read_text(encoding="utf-8")
        expected = [
            [render(template, conversation(case, prompt)) for prompt in (False, True)]
            for case in conversations.ALL
        ]
        yield {"name": file.name, "template": template, "expected": expected}


def turns():
    for file in sorted((HERE / "shapes").glob("training-*.jinja")):
        template = file.read_text(encoding="utf-8")
        for case in conversations.PLAIN:
            variables = conversation(case, False)
            chats, indices = reference.render_jinja_template(
                conversations=[variables.pop("messages")],
                chat_template=template,
                return_assistant_tokens_mask=True,
                **variables,
            )
            text = chats[0]
            units = [[len(text[:i].encode("utf-16-le")) // 2 for i in span] for span in indices[0]]
            yield {
                "name": file.name,
                "template": template,
                "tokens": TOKENS,
                "messages": case["messages"],
                "text": text,
                "spans": units,
            }


def small(templates, variables):
    yield {"variables": variables}
    for template in templates:
        yield {"template": template, "expected": render(template, variables)}


def short(lines, characters):
    return (line for line in lines if len(json.dumps(line)) < characters)


def main(arguments):
    if arguments[0] == "--templates":
        write(arguments[2], shapes(arguments[1]))
    elif arguments[0] == "--fuzz":
        templates = fuzz.templates(int(arguments[1]), int(arguments[2]))
        write(arguments[3], small(templates, fuzz.VARIABLES))
    else:
        out = pathlib.Path(arguments[0])
        out.mkdir(parents=True, exist_ok=True)
        write(out / "shapes.jsonl", shapes(HERE / "shapes"))
        write(out / "turns.jsonl", turns())
        write(out / "constructs.jsonl", small(constructs.TEMPLATES, constructs.VARIABLES))
        write(out / "fuzz.jsonl", short(small(fuzz.templates(1, 900), fuzz.VARIABLES), 900))


if __name__ == "__main__":
    main(sys.argv[1:])
