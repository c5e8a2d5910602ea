"""Writes the golden prompts of core/src/test/resources/eval with lm-eval's own task files.

    python generate.py --lm-eval DIR ../../../core/src/test/resources/eval [--shared ../../../../shared/data]

DIR is the folder that holds the package lm_eval, 0.4.13: site-packages, or the unpacked wheel. Only its YAML files and the
preprocessing beside them are used, so none of its dependencies but jinja2, PyYAML and datasets is needed. All questions and
pages here are made up.

- mmlu/dev, mmlu/test: CSV files; mmlu.jsonl: the prompts for them, by subject, shots and number;
- tasks.jsonl: for each record the requests (context, continuation), the choices and the right one;
- pages.jsonl: pages of WikiText's kind, detokenised, their words and bytes;
- shared.json (with --shared): SHA-256 of the prompts and pages of the real data, whose text is not copied.
"""

import argparse
import csv
import hashlib
import importlib.util
import json
import pathlib

import jinja2
import yaml

ENV = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
SUBJECTS = ["anatomy", "college_computer_science", "formal_logic", "high_school_us_history", "marketing"]


def module(file):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def task(file):
    """A task file with its includes; functions are loaded from the Python files beside it."""

    class Loader(yaml.SafeLoader):
        pass

    def function(loader, node):
        name, attribute = loader.construct_scalar(node).rsplit(".", 1)
        return getattr(module(file.parent / (name + ".py")), attribute)

    Loader.add_constructor("!function", function)
    config = yaml.load(file.read_text(encoding="utf-8"), Loader)
    include = config.pop("include", None)
    return {**(task(file.parent / include) if include else {}), **config}


def field(value, doc):
    """What lm-eval makes of doc_to_text, doc_to_target and doc_to_choice."""
    if callable(value):
        return value(doc)
    if isinstance(value, list):
        return value
    if value in doc:
        return doc[value]
    rendered = ENV.from_string(value).render(**doc)
    if rendered.startswith("[") or rendered.lstrip("-").isdigit():
        return yaml.safe_load(rendered) if rendered.lstrip("-").isdigit() else eval(rendered)  # a list of strings
    return rendered


def requests(config, doc):
    if "process_docs" in config:

        class Docs(list):
            def map(self, f):
                return [{**d, **f(d)} for d in self]

        doc = config["process_docs"](Docs([doc]))[0]
    text, choices = field(config["doc_to_text"], doc), field(config["doc_to_choice"], doc)
    target, delimiter = field(config["doc_to_target"], doc), config.get("target_delimiter", " ")
    if isinstance(text, int):  # the options are contexts
        return {"requests": [[c, delimiter + target] for c in choices], "choices": [target] * len(choices), "gold": text}
    gold = choices.index(target) if isinstance(target, str) else target
    return {"requests": [[text, delimiter + c] for c in choices], "choices": choices, "gold": int(gold)}


# --- MMLU

QUESTIONS = {
    "made_up_things": [
        ("Which of these is a colour?", "Red", "Seven", "Loud", "Tuesday", "A"),
        ('She said "two quotes", and\nwent on in a second line. Which line is this?', "first", "second, perhaps", 'the "third"', "none", "B"),
        ("  Spaces before, and behind: are they kept? ", " yes", "no ", "some", "who knows", "D"),
        ("A comma, a semicolon; a tab\there: which comes first?", "the comma", "the semicolon", "the tab", "the colon", "A"),
        ("Was ist größer: 2³ oder 3²?", "2³", "3²", "beide gleich", "keines – 物", "B"),
        ("How many questions came before this one?", "3", "4", "5", "6", "C"),
        ("\u00a0A no-break space leads; does strip take it?", "yes", "no", "", "only in Python", "A"),
    ],
    "short": [
        ("1 + 1 =", "1", "2", "3", "4", "B"),
        ("2 + 2 =", "1", "2", "3", "4", "D"),
        ("1 + 2 =", "1", "2", "3", "4", "C"),
    ],
}


def mmlu_prompt(config, name, dev, row):
    def doc(r):
        return {"question": r[0], "choices": list(r[1:5]), "answer": "ABCD".index(r[5])}

    def turn(r):
        return field(config["doc_to_text"], doc(r))

    description = f"The following are multiple choice questions (with answers) about {name.replace('_', ' ')}.\n\n"
    description = config.get("description", description)
    shots = "".join(turn(r) + " " + config["doc_to_choice"][doc(r)["answer"]] + "\n\n" for r in dev)
    return description + shots + turn(row)


def rows(file):
    with open(file, encoding="utf-8", newline="") as f:
        return list(csv.reader(f))


def write_mmlu(tasks, out):
    config = task_template(tasks)
    lines = []
    for name, questions in QUESTIONS.items():
        for split in ("dev", "test"):
            folder = out / "mmlu" / split
            folder.mkdir(parents=True, exist_ok=True)
            with open(folder / f"{name}_{split}.csv", "w", encoding="utf-8", newline="") as f:
                csv.writer(f, lineterminator="\r\n" if name == "short" else "\n").writerows(questions)
        for shots in range(4):
            for number, row in enumerate(questions):
                prompt = mmlu_prompt(config, name, questions[:shots], row)
                lines.append({"subject": name, "shots": shots, "number": number, "prompt": prompt, "gold": "ABCD".index(row[5])})
    write(out / "mmlu.jsonl", lines)


def task_template(tasks):
    return task(tasks / "mmlu/default/_default_template_yaml")


# --- the other tasks: a record as it lies in the file, and as lm-eval gets it from the hub

PASSAGE = "Harbour train -- The train \u201cleaves\u201d at seven (and comes back at nine)."
ENDINGS = ["walks  away. [substeps] Slowly.", " sings [title] Then stops.", "eats", "sleeps."]
SWAG = {"activity_label": "Running a lap", "ctx_a": "A man [step] stands at the line. ", "ctx_b": "he THEN", "endings": ENDINGS, "label": "2"}
TITLE = {"activity_label": "Home", "ctx_a": "[header] How to sit [title] Take a chair. [step] Use it.", "ctx_b": "", "endings": ENDINGS, "label": 3}
ARC = {"question": "What do plants need?\nThink.", "choices": {"text": ["light", "B. music", "tea"], "label": ["A", "B", "C"]}, "answerKey": "C"}
ARC_NUMBERS = {**ARC, "choices": {**ARC["choices"], "label": ["1", "2", "3"]}, "answerKey": "1"}
LETTERED = {"id": "x", "query": "Question: What do plants need?\nThink.\n A. light\n B. B. music\n C. tea\nAnswer:", "choices": ["A", "B", "C"], "gold": 2}
WINO = {"sentence": "The cup did not fit the shelf because _ was too wide.", "option1": "the cup", "option2": "the shelf", "answer": "1"}
WINO2 = {"sentence": "_  is taller.", "option1": "Ann ", "option2": "Bea", "answer": "2"}
SIQA = {"context": "Kai went home.", "question": "Why?", "answerA": "tired", "answerB": "late, and\u00e9", "answerC": "bored", "label": "3"}
QNLI = {"question": "When does it leave?", "sentence": "The train leaves at seven.", "label": 0}

RECORDS = [
    ("boolq", "super_glue/boolq/default.yaml", {"passage": PASSAGE, "question": "does it leave", "label": 1}, None),
    ("boolq", "super_glue/boolq/default.yaml", {"passage": PASSAGE, "question": "does it leave", "label": 0},
     {"passage": PASSAGE, "question": "does it leave?", "answer": "no"}),
    ("boolq", "super_glue/boolq/default.yaml", {"passage": PASSAGE, "question": "does it leave", "label": 1},
     {"passage": PASSAGE, "question": "does it leave", "answer": True}),
    ("piqa", "piqa/piqa.yaml", {"goal": "Boil water ", "sol1": "heat it", "sol2": "cool it down ", "label": 0}, None),
    ("arc_easy", "arc/arc_easy.yaml", ARC, None),
    ("arc_easy", "arc/arc_easy.yaml", ARC_NUMBERS, None),
    ("arc_easy", "arc/arc_easy.yaml", ARC, LETTERED),
    ("hellaswag", "hellaswag/hellaswag.yaml", SWAG, None),
    ("hellaswag", "hellaswag/hellaswag.yaml", TITLE, None),
    ("winogrande", "winogrande/default.yaml", WINO, None),
    ("winogrande", "winogrande/default.yaml", WINO2, None),
    ("social_iqa", "siqa/siqa.yaml", SIQA, None),
    ("qnli", "glue/qnli/default.yaml", QNLI, None),
    ("qnli", "glue/qnli/default.yaml", {**QNLI, "label": 1}, {**QNLI, "label": "not_entailment"}),
]


def write_tasks(tasks, out):
    lines = []
    for name, file, doc, record in RECORDS:
        path = tasks / file
        if not path.exists():  # siqa's file has had several names
            path = next(path.parent.glob("*.yaml"))
        lines.append({"task": name, "record": record or doc, **requests(task(path), doc)})
    write(out / "tasks.jsonl", lines)


# --- WikiText

PAGES = [
    " = One = \n \n It 's a @-@ b , about 1 @,@ 000 @.@ 5 ; so : it is . Is it ? It is ! \n \n = = Two = = \n \n c \n ",
    ' = Quotes = \n " spaced " and \' single \' ( round ) [ square ] { curly } " open , \n ( never closed \n = = = = Four = = = = \n',
    " = Rest = \n the dogs ' bowl , 20 \u00b0 C , N items N , /' 3/ and \u00a0( \u2003wide\u00a0) \u7269 \n\n = = = Three = = = \n''  '",
]


def write_pages(tasks, out):
    lines = []
    preprocess = module(tasks / "wikitext/preprocess_wikitext.py")
    for page in PAGES:
        results = preprocess.process_results({"page": page}, (0,))
        lines.append({"page": page, "text": preprocess.wikitext_detokenizer({"page": page}),
                      "words": results["word_perplexity"][1], "bytes": results["byte_perplexity"][1]})
    write(out / "pages.jsonl", lines)


def write_shared(tasks, shared, out):
    found = {"mmlu": {}}
    for name in SUBJECTS:
        config = task(tasks / f"mmlu/default/mmlu_{name}.yaml")
        dev, test = (rows(shared / f"mmlu/{split}/{name}_{split}.csv") for split in ("dev", "test"))
        prompts = [mmlu_prompt(config, name, dev[:5], row) for row in test]
        found["mmlu"][name] = {"questions": len(prompts), "sha256": sha256(prompts)}
    preprocess = module(tasks / "wikitext/preprocess_wikitext.py")
    pages, page = [], []
    for line in (shared / "wikitext-2/raw/wiki.test.raw").read_text(encoding="utf-8").split("\n"):
        heading = line.replace("= = =", "===").replace("= =", "==").strip()  # as EleutherAI/wikitext_document_level
        if heading.startswith("= ") and heading.endswith(" ="):
            pages.append("\n".join(page))
            page = []
        page.append(line)
    pages = [p for p in pages + ["\n".join(page)] if p.strip()]
    counts = [preprocess.process_results({"page": p}, (0,)) for p in pages]
    found["wikitext"] = {"pages": len(pages), "words": sum(c["word_perplexity"][1] for c in counts),
                         "bytes": sum(c["byte_perplexity"][1] for c in counts),
                         "sha256": sha256([preprocess.wikitext_detokenizer({"page": p}) for p in pages])}
    (out / "shared.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def sha256(texts):
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8") + b"\0")
    return digest.hexdigest()


def write(file, lines):
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("--lm-eval", type=pathlib.Path, required=True)
parser.add_argument("--shared", type=pathlib.Path)
args = parser.parse_args()
args.out.mkdir(parents=True, exist_ok=True)
task_files = args.lm_eval / "lm_eval/tasks"
write_mmlu(task_files, args.out)
write_tasks(task_files, args.out)
write_pages(task_files, args.out)
if args.shared:
    write_shared(task_files, args.shared, args.out)
