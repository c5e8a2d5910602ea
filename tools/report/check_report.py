"""Opens reports in a headless browser, compares their charts with metrics.jsonl and takes screenshots.

usage: check_report.py RUN [RUN ...] [--screenshots FOLDER] [--chromium /usr/bin/chromium]

Each RUN is an output folder of `mft train` with its report.html. Fails if the page logs an error, asks the network for
anything, is wider than its screen, or draws other numbers than the log has.
"""

import argparse
import json
import math
import pathlib
import sys

from playwright.sync_api import sync_playwright

SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
MOST_POINTS = 2000


def log_of(run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if "event" not in line and "loss" in line], [line for line in lines if "eval_loss" in line]


def expect(condition, message):
    if not condition:
        raise SystemExit(message)


def close(a, b):
    return a is not None and math.isclose(a, b, rel_tol=1e-12)


def check_series(name, series, steps, key):
    """All points are lines of the log; none is missing unless there are too many to draw."""
    by_step = {line["step"]: line[key] for line in steps if key in line}
    drawn = {x: y for x, y in zip(series["x"], series["y"]) if y is not None}
    expect(all(close(y, by_step.get(x, math.nan)) for x, y in drawn.items()), f"{name}: draws other numbers than the log has")
    if len(by_step) <= MOST_POINTS:
        expect(drawn.keys() == by_step.keys(), f"{name}: {len(drawn)} points of {len(by_step)}")
    expect(math.isclose(max(drawn.values()), max(by_step.values())), f"{name}: its largest value is missing")
    expect(math.isclose(min(drawn.values()), min(by_step.values())), f"{name}: its smallest value is missing")


def check_data(page, run):
    steps, evaluations = log_of(run)
    charts = page.evaluate(
        "Object.fromEntries(Object.entries(window.__charts).map(([id, c]) => [id, c.series]))")
    series = {id: {s["label"]: s for s in of} for id, of in charts.items()}
    check_series("loss", series["loss"]["training"], steps, "loss")
    check_series("learning rate", series["rate"]["learning rate"], steps, "learning_rate")
    check_series("gradient norm", series["norm"]["gradient norm"], steps, "grad_norm")
    check_series("throughput", series["speed"]["tokens/s"], steps, "train_tokens_per_second")
    check_series("memory", series["memory"]["after backward"], steps, "mem_rss_backward_bytes")
    if evaluations:
        check_series("validation", series["loss"]["validation"], evaluations, "eval_loss")
    return {id: [s["label"] for s in of] for id, of in charts.items()}


def visit(browser, run, screen, scheme, screenshots):
    width, height = SCREENS[screen]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    troubles = []
    page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: troubles.append("request " + request.url) if not request.url.startswith(("file:", "data:")) else None)
    page.goto((run / "report.html").resolve().as_uri())
    page.wait_for_selector(".uplot canvas")
    shown = check_data(page, run)
    expect(page.evaluate("document.documentElement.dataset.theme") == scheme, f"{run}: not {scheme}")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    expect(overflow <= 0, f"{run}: {overflow} px wider than a {screen}")
    first = page.locator("details").first
    first.locator("summary").click()
    first.locator("tbody tr").first.wait_for(timeout=5000)
    first.locator("summary").click()
    page.evaluate("window.scrollTo(0, 0)")
    if screenshots:
        page.screenshot(path=screenshots / f"{run.name}-{screen}-{scheme}.png", full_page=True)
    page.click("#theme")
    expect(page.evaluate("document.documentElement.dataset.theme") != scheme, f"{run}: the theme cannot be changed")
    page.close()
    expect(not troubles, f"{run} on a {screen}, {scheme}: {troubles}")
    return shown


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    args = parser.parse_args()
    if args.screenshots:
        args.screenshots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=args.chromium, args=["--no-sandbox"])
        for run in args.runs:
            for screen in SCREENS:
                for scheme in ("light", "dark"):
                    shown = visit(browser, run, screen, scheme, args.screenshots)
            print(f"{run}: {len(shown)} charts as in its log: {', '.join(shown)}")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
