"""Writes the tokenizers and golden encodings of core/src/test/resources/text.

    python tools/golden/tokenizers/fixtures.py core/src/test/resources/text

More strings, for a comparison that is not kept, of these tokenizers or of others:

    python tools/golden/tokenizers/fixtures.py /tmp/fuzz 2000 [NAME=tokenizer.json ...]
    mvn verify -pl core -Dtest=TokenizerGoldenTest -Dmft.goldens=/tmp/fuzz

Everything is trained and encoded by Hugging Face tokenizers on the text below, which is our own.
Made with tokenizers 0.23.2. The same version gives the same files.

- gpt2, qwen2, gemma, llama, llama-first, llama3: folders with a tokenizer.json of each kind and a
  golden.jsonl of random strings from all over Unicode, and a decodings.jsonl of random ids; llama
  is Llama 2's pipeline, llama-first the one that "legacy": false makes of it;
- gpt2-files, qwen2-files: the first two as vocab.json and merges.txt, without added tokens;
- constructs.jsonl: small tokenizers, each with a construct that the others lack, and their golden
  encodings.

Lines of golden encodings hold text, ids, and offsets in code points; decoded only where it is not
the text, special only where special tokens are added. Offsets are left out where the reference's
are off: where a normal form composes characters it covers the first of them only, and where
unknown characters are dropped or come out of turn it loses count.
"""

import copy
import json
import pathlib
import random
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

TEXT = """
The morning train leaves the harbour at seven and the evening train comes back at nine.
She said that the old lighthouse wasn't built by sailors; it was built by their mothers.
Don't forget: we'll need 12 eggs, 300 grams of flour and 1 lemon before Sunday, they've told me.
In the year 1987 the river rose by 4.25 metres, and nobody in the valley slept for 3 days.
I'm sure you'd like the smaller house better, it's closer to the water and to the market.
When the rain had stopped, the children ran down the hill and counted the boats: 17, 18, 19!
Could you close the window, please? The papers are flying all over the kitchen again.
def area(width, height):
    return width * height  # square metres
for (int i = 0; i < n; i++) { total += price[i]; }
Der Zug fährt über die Brücke, und die Kinder zählen die Wagen: zwölf, dreißig, hundert.
L'été dernier, nous avons mangé des pêches près de la forêt où coule une petite rivière.
El niño pequeño soñó con una montaña, un río y un camión que subía muy despacio.
Утром поезд уходит из гавани, а вечером возвращается обратно в город.
早上的火车七点离开港口，晚上九点回来。孩子们数着船。
朝の電車は七時に港を出て、夜の電車は九時に戻ってくる。
아침 기차는 일곱 시에 항구를 떠나고 저녁 기차는 아홉 시에 돌아온다.
सुबह की रेलगाड़ी सात बजे बंदरगाह से निकलती है।
""".strip().split("\n") * 2

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")

WORDS = """the train don't WE'LL I'VE it'S 'ſ x'Re 'tis harbour Lighthouse 12 3456 7 über Straße
 e\u0301 n\u0303 \u1100\u1161\u11a8 \uac01 \u212b \u0958 \u09c7\u09be 火车 港口 電車 기차 مرحبا שלום नमस्ते
 ไทย 🙂 👍🏽 👨‍👩‍👧 🇩🇪 ① ½ ² Ⅷ ٣ ६ ﬁ ▁ ▁▁ <0x41> <unk> <s> \ufffd \u200b \ufeff \u0000""".split()
SPACES = " |  |   |\n|\n\n|\r\n|\t|\t\t| \n |\u0085|\u00a0|\u2003|\u2028|\u3000|\u000b|\u001c".split("|")

OF_SMALL_VOCABULARIES = (
    "the 12 in a  the\nthere",
    " ab aab éü\nü 漢b漢",
    "xl the ll a b a b",
    "a<s> b </s>  c<s>d",
)


def code_point(r):
    """A code point of a random kind; unassigned ones too."""
    kind = r.random()
    if kind < 0.25:
        return r.randrange(0x20, 0x7F)
    if kind < 0.35:
        return r.randrange(0, 0x250)
    if kind < 0.45:
        return r.randrange(0x300, 0x370)  # combining marks
    if kind < 0.5:
        return r.choice([r.randrange(0xAC00, 0xD7A4), r.randrange(0x1100, 0x1200)])
    if kind < 0.75:
        return r.choice([r.randrange(0x250, 0xD800), r.randrange(0xE000, 0x10000)])
    return r.randrange(0x10000, 0x32000) if kind < 0.97 else r.randrange(0x32000, 0x110000)


def texts(seed, count, added):
    """Random texts, from words, white space, added tokens, repetitions and anything."""
    r = random.Random(seed)
    yield ""
    for _ in range(count - 1):
        text = ""
        for _ in range(r.randrange(1, 9)):
            kind = r.random()
            if kind < 0.45:
                text += r.choice(WORDS)
            elif kind < 0.65:
                text += r.choice(SPACES)
            elif kind < 0.73 and added:
                text += r.choice(added)
            elif kind < 0.78:
                text += r.choice("aA0 \n.▁é") * r.randrange(1, 12)
            else:
                text += "".join(chr(code_point(r)) for _ in range(r.randrange(1, 6)))
            text += " " * (r.random() < 0.4)
        yield text


def random_texts(tokenizer, seed, count):
    added = sorted(token.content for token in tokenizer.get_added_tokens_decoder().values())
    return texts(seed, count, added)


def golden(tokenizer, some_texts):
    """The encodings of texts."""
    normalizer, model = tokenizer.normalizer, json.loads(tokenizer.to_str())["model"]
    normal_form = normalizer is not None and normalizer.__class__.__name__.startswith("NF")
    unknown = model["vocab"].get(model.get("unk_token"))
    drops = unknown is None and len(model["vocab"]) < 256
    for text in some_texts:
        plain = tokenizer.encode(text, add_special_tokens=False)
        case = {"text": text, "ids": plain.ids}
        composed = normal_form and normalizer.normalize_str(text) != text
        if not composed and not drops and unknown not in plain.ids:
            case["offsets"] = [offset for pair in plain.offsets for offset in pair]
        special = tokenizer.encode(text).ids
        if special != plain.ids:
            case["special"] = special
        try:
            decoded = tokenizer.decode(plain.ids, skip_special_tokens=False)
            skipped = tokenizer.decode(plain.ids, skip_special_tokens=True)
        except BaseException:  # the reference's Strip panics on a piece that is all stripped
            continue
        if decoded != text:
            case["decoded"] = decoded
        if skipped != decoded:
            case["skipped"] = skipped
        yield case


def decodings(tokenizer, seed, count):
    """What random ids decode to; the bytes are seldom UTF-8, and some ids have no piece."""
    r = random.Random(seed)
    for _ in range(count):
        ids = [r.randrange(tokenizer.get_vocab_size() + 3) for _ in range(r.randrange(1, 16))]
        yield {"ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False)}


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def write_lines(file, values):
    file.write_bytes("".join(compact(value) + "\n" for value in values).encode())


def write(folder, tokenizer, seed, count):
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "tokenizer.json", [json.loads(tokenizer.to_str())])
    write_lines(folder / "golden.jsonl", golden(tokenizer, random_texts(tokenizer, seed, count)))
    write_lines(folder / "decodings.jsonl", decodings(tokenizer, seed, 40))


def save_files(folder, tokenizer):
    folder.mkdir(exist_ok=True)
    tokenizer.model.save(str(folder))


def byte_level(regex, size, specials):
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(regex), "isolated")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_only])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.add_special_tokens(specials)
    return tokenizer


def gemma():
    """BPE with byte fallback over text whose spaces are ▁, and added tokens of many kinds."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence(parts)
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    octets = [f"<0x{octet:02X}>" for octet in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=640,
        special_tokens=special + octets,
        max_token_length=12,
        show_progress=False,
    )
    text = [line for line in TEXT if ord(max(line)) < 0x500]  # the rest shall need bytes
    tokenizer.train_from_iterator(text, trainer)
    spec = json.loads(tokenizer.to_str())
    spec["added_tokens"] = [t for t in spec["added_tokens"] if t["content"] in special]
    template = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    tokenizer = Tokenizer.from_str(json.dumps(spec))
    tokenizer.post_processor = template
    tokenizer.add_special_tokens(["<start_of_turn>", "<end_of_turn>"])
    plain = ["\n" * n for n in range(2, 9)] + ["▁" * n for n in range(2, 9)] + ["<table>", "</h1>"]
    tokenizer.add_tokens([AddedToken(content, normalized=False) for content in plain])
    return tokenizer


def llama(base):
    """The same vocabulary in the manner of SentencePiece conversions."""
    spec = json.loads(base.to_str())
    steps = [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    tokenizer = Tokenizer.from_str(json.dumps(spec))
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = None
    decoder = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence([*decoder, decoders.Strip(" ", 1, 0)])
    return tokenizer


def llama_first(legacy):
    """The manner of "legacy": false, which puts the first ▁ where the text begins and nowhere else."""
    tokenizer = Tokenizer.from_str(legacy.to_str())
    tokenizer.normalizer = None
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", "first", split=False)
    return tokenizer


def llama3():
    """Byte-level BPE that takes a word that is a piece as it is, merges or not."""
    specials = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"]
    tokenizer = byte_level(LLAMA3, 400, specials)
    spec = json.loads(tokenizer.to_str())
    model = spec["model"]
    model["ignore_merges"] = True
    for token in spec["added_tokens"]:
        token["id"] += 4
    for piece in ("Ġharbour", "Lighthouse", "567", "ä½Ĩ"):  # no merges make them
        model["vocab"][piece] = len(model["vocab"])
    steps = [
        processors.ByteLevel(add_prefix_space=True, trim_offsets=False),
        processors.TemplateProcessing(
            single="<|begin_of_text|> $A",
            pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
            special_tokens=[(specials[0], len(model["vocab"]))],
        ),
    ]
    tokenizer = Tokenizer.from_str(json.dumps(spec))
    tokenizer.post_processor = processors.Sequence(steps)
    return tokenizer


def tiny_bytes():
    """A byte-level tokenizer of a few merges that can be varied."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {piece: id for id, piece in enumerate(alphabet)}
    merges = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("i", "n"), ("Ġ", "a"), ("1", "2"), ("Ġ", "Ġ")]
    for left, right in merges:
        vocab[left + right] = len(vocab)
    vocab["there"] = len(vocab)  # no merge makes it
    tokenizer = Tokenizer(models.BPE(vocab, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<s>", "</s>"])
    return json.loads(tokenizer.to_str())


def tiny_pieces():
    """A tokenizer of characters, unknowns and some bytes that can be varied."""
    pieces = ["<unk>", "▁", "a", "b", "e", "é", "ab", "▁ab", "aab", "<0xC3>", "<0xBC>", "<0x0A>"]
    vocab = {piece: id for id, piece in enumerate(pieces)}
    merges = [("a", "b"), ("▁", "ab"), ("a", "ab")]
    model = models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Replace("▁", " ")
    tokenizer.add_special_tokens(["<unk>"])
    return json.loads(tokenizer.to_str())


def split(pattern, behavior, invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def constructs():
    """Pairs of a name and a tokenizer."""
    base, pieces = tiny_bytes(), tiny_pieces()

    def vary(name, spec, change):
        spec = copy.deepcopy(spec)
        change(spec)
        return name, spec

    bytes_last = json.loads(pre_tokenizers.ByteLevel(False, use_regex=False).__getstate__())
    splits = [
        ("Regex removed", split({"Regex": r"\d{1,2}|[\p{Lu}&&[^A-C]]+|\s+(?=\S)"}, "Removed")),
        ("Regex contiguous", split({"Regex": r"[\w']+"}, "Contiguous")),
        ("String with previous", split({"String": "e"}, "MergedWithPrevious")),
        ("Regex with next", split({"Regex": r"\s"}, "MergedWithNext")),
        ("inverted", split({"Regex": r"\S+"}, "Isolated", True)),
        ("inverted with next", split({"Regex": r"[^\S\n]+|(?i:the|ſ)"}, "MergedWithNext", True)),
        ("properties", split({"Regex": r"\p{Han}+|\P{L}|[\p{^N}\x{41}-\u005A]"}, "Contiguous", True)),
        ("Llama 3", split({"Regex": LLAMA3}, "Isolated")),
        ("digits", {"type": "Digits", "individual_digits": True}),
        ("numbers", {"type": "Digits", "individual_digits": False}),
    ]
    for name, step in splits:

        def with_split(spec, step=step):
            spec["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [step, bytes_last]}

        yield vary(name, base, with_split)

    def prefix_space(spec):
        spec["pre_tokenizer"]["add_prefix_space"] = True
        spec["post_processor"].update(add_prefix_space=True, trim_offsets=True)

    yield vary("prefix space, trimmed offsets", base, prefix_space)

    def templates(spec):
        ids = {t["content"]: t["id"] for t in spec["added_tokens"]}
        template = processors.TemplateProcessing(
            single="<s> <s> $A </s>", special_tokens=list(ids.items())
        )
        steps = [processors.ByteLevel(trim_offsets=False), template]
        spec["post_processor"] = json.loads(processors.Sequence(steps).__getstate__())
        spec["model"]["ignore_merges"] = True

    yield vary("template, merges ignored", base, templates)

    def flags(spec):
        spec["added_tokens"][0].update(lstrip=True, single_word=True)
        spec["added_tokens"][1].update(rstrip=True, normalized=True)

    yield vary("added tokens that strip", base, flags)

    def strip(spec):
        byte_level_decoder = spec["decoder"]
        strip = {"type": "Strip", "content": " ", "start": 2, "stop": 1}
        replace = {"type": "Replace", "pattern": {"Regex": "l+"}, "content": "L"}
        spec["decoder"] = {"type": "Sequence", "decoders": [byte_level_decoder, strip, replace]}

    yield vary("strip after the bytes", base, strip)

    def no_decoder(spec):
        spec["decoder"] = None
        spec["model"].pop("type")
        spec["model"]["merges"] = [" ".join(pair) for pair in spec["model"]["merges"]]

    yield vary("no decoder, no type, merges as text", base, no_decoder)
    yield vary("some bytes", pieces, lambda spec: None)

    def unfused(spec):
        spec["model"].update(fuse_unk=False, byte_fallback=False)

    yield vary("unknowns one by one", pieces, unfused)

    def dropped(spec):
        spec["model"].update(unk_token=None)

    yield vary("unknowns dropped", pieces, dropped)
    for scheme in ("always", "first", "never"):
        for cut in (True, False):

            def metaspace(spec, scheme=scheme, cut=cut):
                step = json.loads(pre_tokenizers.Metaspace("▁", scheme, cut).__getstate__())
                spec["normalizer"] = None
                spec["pre_tokenizer"] = step
                spec["decoder"] = step

            yield vary(f"Metaspace {scheme} {cut}", pieces, metaspace)
    for form in ("NFD", "NFKC", "NFKD"):

        def normal_form(spec, form=form):
            spec["normalizer"] = {"type": form}

        yield vary(form, base, normal_form)

    def normalized_token(spec):
        spec["normalizer"] = json.loads(
            normalizers.Sequence(
                [normalizers.Prepend("▁"), normalizers.Replace(Regex(r"\s+"), "▁")]
            ).__getstate__()
        )
        token = dict(spec["added_tokens"][0], id=len(spec["model"]["vocab"]), content="a b")
        spec["added_tokens"].append(dict(token, normalized=True, special=False))

    yield vary("a token in its normalized form", pieces, normalized_token)


def main():
    root = pathlib.Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else None
    gpt2 = byte_level(GPT2, 400, ["<|endoftext|>"])
    gpt2.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    write(root / "gpt2", gpt2, 1, count or 120)
    qwen2 = byte_level(QWEN2, 400, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    qwen2.normalizer = normalizers.NFC()
    write(root / "qwen2", qwen2, 2, count or 120)
    base = gemma()
    write(root / "gemma", base, 3, count or 120)
    write(root / "llama", llama(base), 4, count or 50)
    write(root / "llama-first", llama_first(llama(base)), 5, count or 50)
    write(root / "llama3", llama3(), 6, count or 50)
    for seed, given in enumerate(sys.argv[3:], 7):
        name, file = given.split("=")
        write(root / name, Tokenizer.from_file(file), seed, count)
    if count is not None:
        return
    save_files(root / "gpt2-files", gpt2)
    save_files(root / "qwen2-files", qwen2)
    lines = []
    for seed, (name, spec) in enumerate(constructs()):
        tokenizer = Tokenizer.from_str(json.dumps(spec))
        some_texts = [*random_texts(tokenizer, 100 + seed, 9), *OF_SMALL_VOCABULARIES]
        lines.append({"name": name, "tokenizer": spec, "cases": [*golden(tokenizer, some_texts)]})
    write_lines(root / "constructs.jsonl", lines)


if __name__ == "__main__":
    main()
