"""Print the Markdown table of a file that bench/peers.py wrote.

    python bench/table.py bench/results/FILE.json
    python bench/table.py bench/results/FILE.json --into docs/performance.md

With --into the table replaces what stands between the lines <!-- peers --> and <!-- /peers --> of that file.
"""

import argparse
import json
import pathlib
import re
import sys

HEAD = (
    "| step | ours | PyTorch | ratio | PyTorch, tuned | ratio | share of the limit: ours, PyTorch's"
    " | memory: ours, PyTorch's | ours with a budget | ratio | memory |"
)


def gigabytes(program):
    return f"{program['vm_hwm_bytes'] * 1e-9:.2f} GB ({program['rss_anon_bytes'] * 1e-9:.2f})"


def row(case, found):
    ours, stock, tuned = found["ours"], found["torch"], found["torch_tuned"]
    small = found["ours_budget"]
    best = max(stock["share_of_limit"], tuned["share_of_limit"])
    return " | ".join(
        [
            f"| {case}",
            f"{ours['seconds_per_step']:.2f} s",
            f"{stock['seconds_per_step']:.2f} s",
            f"{stock['ratio']:.2f}",
            f"{tuned['seconds_per_step']:.2f} s",
            f"{tuned['ratio']:.2f}",
            f"{100 * ours['share_of_limit']:.0f} %, {100 * best:.0f} %",
            f"{gigabytes(ours)}, {gigabytes(stock)}",
            f"{small['seconds_per_step']:.2f} s{'' if small.get('file', 'f32') == 'f32' else ', ' + small['file']}",
            f"{stock['seconds_per_step'] / small['seconds_per_step']:.2f}",
            f"{gigabytes(small)}: {100 * small['vm_hwm_bytes'] / stock['vm_hwm_bytes']:.0f} % of PyTorch's |",
        ]
    )


def table(results):
    cases = results["cases"]
    limits = [found["fma_limit_gflops"] for found in cases.values()]
    versions = sorted({found["torch_version"] for found in cases.values()})
    lines = [
        f"{results['processor']}, {results['threads']} threads, limit {min(limits):.0f} to {max(limits):.0f} GFLOP/s,"
        f" torch {', '.join(versions)}, {results['date']}; memory is VmHWM, in brackets RssAnon:",
        "",
        HEAD,
        "|---" * 11 + "|",
    ]
    return "\n".join(lines + [row(case, found) for case, found in cases.items()])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("results", type=pathlib.Path)
    p.add_argument("--into", type=pathlib.Path, metavar="FILE")
    args = p.parse_args()
    text = table(json.loads(args.results.read_text()))
    if not args.into:
        print(text)
        return
    page = args.into.read_text()
    changed, count = re.subn(
        r"(<!-- peers -->\n).*?(<!-- /peers -->)", lambda m: f"{m[1]}{text}\n{m[2]}", page, flags=re.DOTALL
    )
    if count != 1:
        sys.exit(f"{args.into}: expected one pair of <!-- peers --> and <!-- /peers -->, found {count}; add them")
    args.into.write_text(changed)


if __name__ == "__main__":
    main()
