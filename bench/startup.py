"""Measure how soon `mft train` is at full speed, with Java's cache and without, in turn.

    python bench/startup.py --model MODEL --data FILE

Full speed is the first step that takes at most a tenth more than the median of the second half of its run. Times are
seconds from the start of the command: to the beginning of the first step, to its end, and to the beginning of the first
one at full speed; medians over all rounds. The cache is that of the launcher (cli/target/mft.aot), which the first
command after a build makes; `-XX:AOTMode=off` leaves it out.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHES = {"without cache": "-XX:AOTMode=off", "with cache": ""}


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--mft", default=str(ROOT / "mft"), help="the command to measure")
    p.add_argument("--model", type=pathlib.Path, default=ROOT / "quickstart" / "model")
    p.add_argument("--data", type=pathlib.Path, required=True, help="a text of some hundred kilobytes")
    p.add_argument("--backends", default="native,vector")
    p.add_argument("--max-seq-length", type=int, default=96)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--rounds", type=int, default=3)
    return p.parse_args()


def run(args, backend, java_options):
    """Seconds to the first step, to its end, and to full speed, and the seconds of a step."""
    with tempfile.TemporaryDirectory() as folder:
        command = [args.mft, "train", "--model", args.model, "--data", args.data, "--data-format", "plain"]
        command += ["--max-seq-length", args.max_seq_length, "--batch-size", 1, "--iters", args.steps]
        command += ["--logging-steps", 1, "--backend", backend, "--report-to", "none"]
        command += ["--output-dir", pathlib.Path(folder) / "out"]
        started = time.time()
        done = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, "MFT_JAVA_OPTS": java_options},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            sys.exit(done.stderr[-2000:])
        lines = (pathlib.Path(folder) / "out" / "metrics.jsonl").read_text().splitlines()
    steps = [one for one in map(json.loads, lines) if "time_step_ms" in one]
    seconds = [one["time_step_ms"] / 1e3 for one in steps]
    begins = [one["time_unix_ms"] / 1e3 - second - started for one, second in zip(steps, seconds)]
    steady = statistics.median(seconds[len(seconds) // 2 :])
    first = next(i for i, second in enumerate(seconds) if second <= 1.1 * steady)
    return begins[0], begins[0] + seconds[0], begins[first], steady


def main():
    args = arguments()
    subprocess.run([args.mft, "--version"], check=True, capture_output=True)
    cache = ROOT / "cli" / "target" / "mft.aot"
    for _ in range(120):
        if cache.exists():
            break
        time.sleep(1)
    else:
        sys.exit(f"expected Java's cache at {cache}, found none after two minutes")
    ways = [(backend, name, option) for backend in args.backends.split(",") for name, option in CACHES.items()]
    found = {way: [] for way in ways}
    for _ in range(args.rounds):
        for way in ways:
            found[way].append(run(args, way[0], way[2]))
    for backend, name, option in ways:
        begin, end, full, steady = map(statistics.median, zip(*found[backend, name, option]))
        print(
            f"{backend:8} {name:13} first step {begin:5.2f} to {end:5.2f} s, full speed from {full:5.2f} s,"
            f" step {steady:.3f} s"
        )


if __name__ == "__main__":
    main()
