"""Measure a training step beside PyTorch's, in turn and on the same shapes.

    ./bench/peers.py --python venv/bin/python

Each case runs `mft bench step`, the same within a memory budget, tools/peers/torch_step.py as it is and with a malloc
that keeps what it has, one after the other, --rounds times; medians are over all timed steps. Models have random
weights (bench/models), are made once in --models and are float32 on both sides; within a budget the frozen ones may be
bfloat16 (CASES). The limit is that of fused multiply-adds, measured inside our own runs.

Results are kept in bench/results/MACHINE-DATE.json, and every single run in a .runs file beside it until its case is
complete: what was stopped goes on where it was, `--runs N` stops after N of them, and `--cases` measures some cases.
`other_programs` is the share of the processors that something else took meanwhile: figures with more than a few
hundredths are to be measured again. bench/table.py makes the table of docs/performance.md from such a file.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "8589934592",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "2000000000",
}
GPT2 = ["c_attn"]
QKVO = ["q_proj", "k_proj", "v_proj", "o_proj"]
LENGTH = 128
CASES = {  # model, method, sequences, adapted modules, timed steps of a round, a memory budget and the file's numbers
    "gpt2-lora-8": ("gpt2", "lora", 8, GPT2, 3, "780MB", "f32"),
    "gpt2-lora-1": ("gpt2", "lora", 1, GPT2, 10, "600MB", "bf16"),
    "gpt2-full-8": ("gpt2", "full", 8, GPT2, 2, "2200MB", "f32"),
    "gpt2-medium-lora-8": ("gpt2-medium", "lora", 8, GPT2, 3, "1540MB", "bf16"),
    "qwen2.5-0.5b-lora-8": ("qwen2.5-0.5b", "lora", 8, QKVO, 3, "1920MB", "bf16"),
    "qwen2.5-0.5b-lora-1": ("qwen2.5-0.5b", "lora", 1, QKVO, 5, "1500MB", "bf16"),
    "gemma-3-270m-lora-8": ("gemma-3-270m", "lora", 8, QKVO, 3, "1600MB", "bf16"),
}


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--python", default=sys.executable, help="Python with torch, transformers and peft")
    p.add_argument("--mft", default=str(ROOT / "mft"), help="the command to measure")
    p.add_argument("--models", type=pathlib.Path, default=ROOT / "out" / "peers", help="folder for the models")
    p.add_argument("--cases", default=",".join(CASES), help="some of the cases, separated by commas")
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--runs", type=int, default=1000000, help="stop after so many single runs; the next call goes on")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--output", type=pathlib.Path, help="default: bench/results/MACHINE-DATE.json")
    p.add_argument("--again", action="store_true", help="measure cases anew that the file has already")
    args = p.parse_args()
    args.cases = args.cases.split(",")
    unknown = [case for case in args.cases if case not in CASES]
    if unknown:
        p.error(f"expected --cases among {', '.join(CASES)}, found {', '.join(unknown)}")
    return args


def processor():
    """The processor's name, as the system gives it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return re.search(r"model name\s*: (.*)", file.read()).group(1)
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def memory(pid):
    """Bytes of RssAnon and VmHWM of a process, 0 where the system does not tell."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0, 0
    found = {name: int(kb) * 1024 for name, kb in re.findall(r"(RssAnon|VmHWM):\s*(\d+) kB", text)}
    return found.get("RssAnon", 0), found.get("VmHWM", 0)


def run(command, environment):
    """The JSON object that a command prints last, with the most memory that it ever had."""
    started, busy, own = time.monotonic(), processor_seconds(), own_seconds()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **environment})
        anonymous = peak = 0
        while process.poll() is None:
            now, most = memory(process.pid)
            anonymous, peak = max(anonymous, now), max(peak, most)
            time.sleep(0.05)
        if process.returncode != 0:
            err.seek(0)
            sys.exit(f"{' '.join(command)} failed with exit code {process.returncode}:\n{err.read()[-2000:]}")
        out.seek(0)
        result = json.loads(out.read().strip().splitlines()[-1])
    elsewhere = (processor_seconds() - busy) - (own_seconds() - own)
    others = max(0, elsewhere) / (time.monotonic() - started) / os.cpu_count()
    return {**result, "rss_anon_bytes": anonymous, "vm_hwm_bytes": peak, "other_programs": others}


def processor_seconds():
    """Seconds that all processors were busy since the start of the system, or 0 where it does not tell."""
    try:
        ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return 0
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def model_folder(args, name, dtype="f32"):
    folder = args.models / (name if dtype == "f32" else f"{name}-{dtype}")
    if not (folder / "model.safetensors").exists():
        args.models.mkdir(parents=True, exist_ok=True)
        config = ROOT / "bench" / "models" / f"{name}.json"
        subprocess.run(
            [args.mft, "init", "--config", config, "--output", folder, "--seed", "1", "--dtype", dtype], check=True
        )
    return folder


def commands(args, case):
    """The programs of a case by name, each with its environment."""
    model, method, batch, targets, steps, budget, stored = CASES[case]
    config = ROOT / "bench" / "models" / f"{model}.json"
    same = ["--method", method, "--batch-size", batch, "--max-seq-length", LENGTH, "--steps", steps]
    same += ["--lora-rank", 8, "--lora-targets", ",".join(targets), "--threads", args.threads]
    step = [args.mft, "bench", "step", "--json", *same, "--model"]
    ours = [*step, model_folder(args, model)]
    within = [*step, model_folder(args, model, stored), "--memory-budget", budget]
    torch = [args.python, ROOT / "tools" / "peers" / "torch_step.py", "--config", config, *same]
    return {
        "ours": ([str(word) for word in ours], {}),
        "ours_budget": ([str(word) for word in within], {}),
        "torch": ([str(word) for word in torch], {}),
        "torch_tuned": ([str(word) for word in torch], KEEP_MEMORY),
    }


def measure(args, case, unfinished):
    """The results of a case, or None if --runs did not suffice: its runs are then in that file."""
    programs = commands(args, case)
    runs = {name: [] for name in programs}
    if unfinished.exists():
        runs = json.loads(unfinished.read_text())
    for i in range(args.rounds):
        for name, (command, environment) in programs.items():
            if len(runs[name]) > i:
                continue
            if args.runs == 0:
                return None
            args.runs -= 1
            runs[name].append(run(command, environment))
            write(unfinished, runs)
    result = summary(runs)
    result["ours_budget"]["budget"], result["ours_budget"]["file"] = CASES[case][-2:]
    return result


def summary(runs):
    limit = statistics.median(one["fma_limit_gflops"] for one in runs["ours"])
    gflop = runs["ours"][0]["gflop_per_step"]
    result = {
        "gflop_per_step": gflop,
        "fma_limit_gflops": limit,
        "torch_version": runs["torch"][0]["torch"],
        "other_programs": max(one["other_programs"] for some in runs.values() for one in some),
    }
    for name, some in runs.items():
        seconds = [second for one in some for second in one["seconds"]]
        median = statistics.median(seconds)
        result[name] = {
            "seconds_per_step": median,
            "seconds": seconds,
            "share_of_limit": gflop / median / limit,
            "vm_hwm_bytes": max(one["vm_hwm_bytes"] for one in some),
            "rss_anon_bytes": max(one["rss_anon_bytes"] for one in some),
        }
    for name in ("torch", "torch_tuned"):
        result[name]["ratio"] = result[name]["seconds_per_step"] / result["ours"]["seconds_per_step"]
    return result


def write(path, results):
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(results, indent=1) + "\n")
    unfinished.replace(path)


def main():
    args = arguments()
    day = datetime.date.today().isoformat()
    machine = re.sub(r"[^a-z0-9]+", "-", processor().lower()).strip("-")
    output = args.output or ROOT / "bench" / "results" / f"{machine}-{day}.json"
    results = {"processor": processor(), "threads": args.threads, "date": day, "cases": {}}
    if output.exists():
        results = json.loads(output.read_text())
    for case in args.cases:
        if case in results["cases"] and not args.again:
            continue
        unfinished = output.with_name(f"{output.stem}-{case}.runs")
        found = measure(args, case, unfinished)
        if found is None:
            return
        results["cases"][case] = found
        write(output, results)
        unfinished.unlink()
        print(
            f"{case}: {found['ours']['seconds_per_step']:.2f} s, {100 * found['ours']['share_of_limit']:.0f} % of"
            f" {found['fma_limit_gflops']:.0f} GFLOP/s; PyTorch {found['torch']['seconds_per_step']:.2f} s"
            f" (x {found['torch']['ratio']:.2f}), tuned {found['torch_tuned']['seconds_per_step']:.2f} s"
            f" (x {found['torch_tuned']['ratio']:.2f}); other programs {100 * found['other_programs']:.0f} %",
            flush=True,
        )
    print(output)


if __name__ == "__main__":
    main()
