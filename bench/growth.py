"""Measure how a LoRA step grows and draw it: seconds against tokens and layers, memory against the vocabulary.

    python bench/growth.py --output docs/images/growth.svg

Every point is a process of its own: a GPT-2 with random weights, made in --models, of which one size is changed. The
numbers are written beside the picture, as growth.json. Takes some two minutes.
"""

import argparse
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH, LAYERS, VOCABULARY, SEQUENCES, LENGTH = 512, 4, 16384, 4, 128
PANELS = [  # what changes, its values, what is measured, its unit, and its size in the report
    ("tokens of a step", [128, 256, 512, 1024, 2048], "seconds per step", "seconds_per_step", 1),
    ("layers", [2, 4, 8, 12, 16], "seconds per step", "seconds_per_step", 1),
    ("vocabulary", [16384, 32768, 65536, 131072, 262144], "peak memory, MB", "peak_rss_bytes", 1e-6),
]


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--mft", default=str(ROOT / "mft"), help="the command to measure")
    p.add_argument("--models", type=pathlib.Path, default=ROOT / "out" / "growth", help="folder for the models")
    p.add_argument("--output", type=pathlib.Path, default=ROOT / "docs" / "images" / "growth.svg")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    return p.parse_args()


def model(args, layers, vocabulary):
    folder = args.models / f"{layers}-{vocabulary}"
    if not (folder / "model.safetensors").exists():
        args.models.mkdir(parents=True, exist_ok=True)
        config = args.models / f"{layers}-{vocabulary}.json"
        sizes = {"n_embd": WIDTH, "n_layer": layers, "n_head": 8, "vocab_size": vocabulary, "n_positions": 1024}
        config.write_text(json.dumps({"model_type": "gpt2", "activation_function": "gelu_new", **sizes}))
        init = [args.mft, "init", "--config", config, "--output", folder, "--seed", "1", "--dtype", "f32"]
        subprocess.run(init, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def point(args, changed, value):
    layers = value if changed == "layers" else LAYERS
    vocabulary = value if changed == "vocabulary" else VOCABULARY
    sequences = value // LENGTH if changed == "tokens of a step" else SEQUENCES
    command = [args.mft, "bench", "step", "--json", "--model", model(args, layers, vocabulary), "--steps", 5]
    command += ["--batch-size", sequences, "--max-seq-length", LENGTH, "--threads", args.threads]
    done = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def panel(left, title, label, xs, ys):
    """One plot, both axes from 0, as SVG elements."""
    width, height, bottom = 210, 170, 215
    x = [left + 45 + width * value / max(xs) for value in xs]
    y = [bottom - height * value / (1.1 * max(ys)) for value in ys]
    parts = [f'<text x="{left + 45}" y="24" font-weight="bold">{label}</text>']
    parts.append(f'<path d="M{left + 45} {bottom - height}V{bottom}H{left + 45 + width}" stroke="#888" fill="none"/>')
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y))
    parts.append(f'<polyline points="{line}" stroke="#1f6fb2" stroke-width="2" fill="none"/>')
    for a, b, value in zip(x, y, ys):
        parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="#1f6fb2"/>')
        parts.append(f'<text x="{a:.1f}" y="{b - 8:.1f}" text-anchor="middle">{value:.3g}</text>')
    for a, value in zip(x[2:], xs[2:]):
        parts.append(f'<text x="{a:.1f}" y="{bottom + 16}" text-anchor="middle">{value:,}</text>')
    parts.append(f'<text x="{left + 45 + width / 2}" y="{bottom + 36}" text-anchor="middle">{title}</text>')
    return parts


def main():
    args = arguments()
    numbers, parts = {}, []
    for i, (changed, values, label, key, scale) in enumerate(PANELS):
        found = [point(args, changed, value)[key] * scale for value in values]
        numbers[changed] = {"values": values, label: found}
        print(changed, values, [round(number, 3) for number in found], flush=True)
        parts += panel(20 + i * 290, changed, label, values, found)
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 265" font-family="sans-serif" font-size="11">'
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.with_suffix(".json").write_text(json.dumps(numbers, indent=1) + "\n")
    args.output.write_text("\n".join([head, '<rect width="900" height="265" fill="white"/>', *parts, "</svg>\n"]))
    print(args.output)


if __name__ == "__main__":
    main()
