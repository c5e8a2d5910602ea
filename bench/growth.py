"""Measure how a training step grows, and draw it: docs/images/growth.svg.

    ./bench/growth.py

Small models of the shape of GPT-2 (made by `mft init`) are trained with `mft bench step`: seconds against the tokens of
a sequence and against the layers, peak memory against the vocabulary. Everything else stays as it is, so that straight
lines mean growth in proportion. --results keeps the figures as JSON; a file that is there already is drawn again
without a measurement.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BASE = {"vocabulary": 8000, "layers": 4, "tokens": 128}
SERIES = [  # what grows, the values it takes, what is measured, the caption
    ("tokens", [128, 256, 384, 512, 768, 1024], "seconds_per_step", "Seconds per step against tokens of a sequence"),
    ("layers", [2, 4, 6, 8, 12, 16], "seconds_per_step", "Seconds per step against layers"),
    ("vocabulary", [8000, 32000, 64000, 128000, 256000], "peak_rss_bytes", "Peak memory, MB, against the vocabulary"),
]
WIDTH, HEIGHT, LEFT, TOP, GAP = 760, 150, 60, 30, 60


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--mft", default=str(ROOT / "mft"), help="the command to measure")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--steps", type=int, default=9, help="timed steps of each point, of which the median counts")
    p.add_argument("--results", type=pathlib.Path, default=ROOT / "bench" / "results" / "growth.json")
    p.add_argument("--output", type=pathlib.Path, default=ROOT / "docs" / "images" / "growth.svg")
    return p.parse_args()


def config(vocabulary, layers):
    return {
        "model_type": "gpt2",
        "vocab_size": vocabulary,
        "n_positions": 1024,
        "n_embd": 256,
        "n_layer": layers,
        "n_head": 4,
        "activation_function": "gelu_new",
    }


def measure(args, folder, sizes):
    """The JSON object of a `mft bench step` of LoRA on two sequences."""
    model = folder / f"v{sizes['vocabulary']}-l{sizes['layers']}"
    if not model.exists():
        shape = folder / f"{model.name}.json"
        shape.write_text(json.dumps(config(sizes["vocabulary"], sizes["layers"])))
        subprocess.run([args.mft, "init", "--config", shape, "--output", model, "--seed", "1"], check=True)
    command = [args.mft, "bench", "step", "--json", "--model", model, "--batch-size", 2, "--steps", args.steps]
    command += ["--max-seq-length", sizes["tokens"], "--threads", args.threads]
    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def measured(args):
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, values, quantity, _ in SERIES:
            found[name] = []
            for value in values:
                result = measure(args, pathlib.Path(folder), {**BASE, name: value})
                found[name].append([value, result[quantity]])
                print(f"{name} {value}: {result[quantity]}", flush=True)
    return found


def ceiling(most):
    """A round number that is at least as large."""
    unit = 10 ** math.floor(math.log10(most))
    return next(unit * k for k in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if unit * k >= most)


def panel(points, top, caption):
    """One plot: the points, and the straight line through the first and the last."""
    right, bottom = WIDTH - 20, top + HEIGHT
    largest = max(x for x, _ in points)
    most = ceiling(max(y for _, y in points))
    at = [(LEFT + (right - LEFT) * x / largest, bottom - HEIGHT * y / most) for x, y in points]
    lines = [f'<text x="{LEFT}" y="{top - 8}" font-weight="600" fill="#222">{caption}</text>']
    for i in range(5):
        y = bottom - HEIGHT * i / 4
        lines.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{most * i / 4:.4g}</text>')
    for (x, _), (px, _) in zip(points, at):
        lines.append(f'<text x="{px:.1f}" y="{bottom + 16}" text-anchor="middle" fill="#555">{x}</text>')
    (ax, ay), (bx, by) = at[0], at[-1]
    lines.append(f'<path d="M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}" stroke="#999" stroke-dasharray="4 4"/>')
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in at)
    lines.append(f'<path d="M{path}" fill="none" stroke="#0b62a4" stroke-width="2"/>')
    for (x, y), (px, py) in zip(points, at):
        lines.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="#0b62a4"><title>{x}: {y:.4g}</title></circle>')
    return lines


def drawing(found):
    height = TOP + len(SERIES) * (HEIGHT + GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="12">',
        "<title>How time and memory of a training step grow; dashed: in proportion</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for i, (name, _, quantity, caption) in enumerate(SERIES):
        scale = 1e-6 if quantity.endswith("bytes") else 1
        points = [(x, y * scale) for x, y in found[name]]
        lines += panel(points, TOP + i * (HEIGHT + GAP), caption)
    return "\n".join([*lines, "</svg>", ""])


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(text)
    unfinished.replace(path)


def main():
    args = arguments()
    if not args.results.exists():
        write(args.results, json.dumps(measured(args), indent=1) + "\n")
    write(args.output, drawing(json.loads(args.results.read_text())))
    print(args.output)


if __name__ == "__main__":
    main()
