/** The parts of the page. A run's colour is its place in the comparison. */

const RUN_COLORS = ["c0", "c1", "c2", "c3", "c4"];
const PARTS = [
  ["forward", "Forward", "c0"], ["backward", "Backward", "c3"], ["optimizer", "Optimizer", "c2"], ["data", "Waiting for data", "c1"],
  ["evaluation", "Evaluation", "c4"], ["checkpoints", "Checkpoints", "good"], ["other", "Other", "soft"], ["sleep", "Paused", "c5"],
];

function section(title, ...children) {
  return el("section", {}, el("h2", {}, title), ...children);
}

function tile(name, value, note) {
  return el("div", { class: "tile" }, el("dt", {}, name), el("dd", {}, value, el("span", { class: "note" }, note || "\u00a0")));
}

function runSeconds(run) {
  return total(PARTS.map(([key]) => run.seconds[key] || 0));
}

function tiles(run) {
  const s = run.summary;
  const speed = run.curves.speed.train_tokens_per_second || [];
  const first = (run.curves.loss.loss || [])[0];
  const budget = parseBytes(run.memory.budget);
  return el("dl", { class: "tiles" },
    tile("Training loss", short(s.loss), known(first) ? "from " + short(first) : ""),
    known(s.best_eval_loss) ? tile("Best validation loss", short(s.best_eval_loss), "perplexity " + short(Math.exp(s.best_eval_loss))) : null,
    tile("Steps", short(s.steps), known(s.epoch) ? short(s.epoch) + " epochs, " + (s.tokens || 0).toLocaleString("en") + " tokens" : ""),
    tile("Time", duration(runSeconds(run)), known(last(speed)) ? short(Math.round(last(speed))) + " tokens/s at the end" : ""),
    tile("Peak memory", run.memory.peak ? bytes(run.memory.peak) : MISSING,
      budget ? percent(run.memory.peak / budget) + " of the budget of " + bytes(budget) : known(run.memory.mean) ? bytes(run.memory.mean) + " on average" : ""),
    known(s.energy_joules) ? tile("Energy", joules(s.energy_joules), s.energy_source || "") : null);
}

function summaryTable(runs) {
  const facts = [
    ["Training loss", (r) => short(r.summary.loss)],
    ["Best validation loss", (r) => short(r.summary.best_eval_loss)],
    ["Steps", (r) => short(r.summary.steps)],
    ["Time", (r) => duration(runSeconds(r))],
    ["Tokens/s at the end", (r) => short(last(r.curves.speed.train_tokens_per_second))],
    ["Peak memory", (r) => (r.memory.peak ? bytes(r.memory.peak) : MISSING)],
    ["Energy", (r) => joules(r.summary.energy_joules)],
    ["Outcome", (r) => r.summary.outcome],
  ];
  return el("div", { class: "card" }, table([""].concat(runs.map((r) => r.name)), facts.map(([name, of]) => [name].concat(runs.map(of))), (i) => i > 0));
}

function warnings(run) {
  const found = run.events.filter((e) => e.event === "warning");
  const notices = found.map((w) => el("div", { class: "notice" }, el("strong", {}, `Step ${w.step}: ${w.message}. `),
    el("span", { class: "advice" }, `What can be done: ${w.advice}.`)));
  if (run.summary.reason) notices.unshift(el("div", { class: "notice bad" }, el("strong", {}, "The run failed: "), run.summary.reason));
  return notices;
}

function named(runs, run, label) {
  return runs.length > 1 ? (label ? `${run.name}: ${label}` : run.name) : label;
}

function happenings(run) {
  const colors = { warning: "bad", resume: "warn" };
  return run.events.filter((e) => colors[e.event]).map((e) => ({ x: e.step, color: colors[e.event] }));
}

/** Training, smoothed over its faint raw line, and validation; of is what is shown of a loss. */
function lossSeries(runs, weight, of) {
  return runs.flatMap((run, i) => {
    const { step, loss } = run.curves.loss;
    const evaluation = run.curves.evaluation;
    const train = { x: step, color: RUN_COLORS[i % 5] };
    const values = loss || [];
    const parts = [Object.assign({ label: named(runs, run, weight > 0 ? "training, smoothed" : "training"), y: smooth(values, weight).map(of) }, train)];
    if (weight > 0) parts.unshift(Object.assign({ label: named(runs, run, "training"), y: values.map(of), faint: true }, train));
    if (evaluation.eval_loss) {
      parts.push({ label: named(runs, run, "validation"), x: evaluation.step, y: evaluation.eval_loss.map(of), color: runs.length > 1 ? RUN_COLORS[i % 5] : "c1", points: true, dashed: true });
    }
    return parts;
  });
}

function learning(runs) {
  const count = Math.max(...runs.map((r) => r.curves.loss.step.length));
  let weight = count < 100 ? 0 : count < 1000 ? 0.8 : 0.95;
  const slider = el("input", { type: "range", min: "0", max: "0.99", step: "0.01", value: weight, id: "smoothing", "aria-label": "Smoothing" });
  slider.oninput = () => { weight = Number(slider.value); redraw(); };
  const marks = () => (runs.length === 1 ? happenings(runs[0]) : []);
  const simple = (curve, key, label) => () => runs.map((run, i) => ({
    label: named(runs, run, label), x: run.curves[curve].step, y: run.curves[curve][key] || [], color: RUN_COLORS[i % 5] }));
  return section("Learning", el("div", { class: "grid" },
    chartCard("loss", { title: "Loss (nats per token)", marks, control: el("label", { class: "control" }, "Smoothing", slider) }, () => lossSeries(runs, weight, (v) => v)),
    chartCard("perplexity", { title: "Perplexity", note: "logarithmic", log: true, marks }, () => lossSeries(runs, weight, (v) => (known(v) ? Math.exp(v) : null))),
    chartCard("rate", { title: "Learning rate", format: (v) => (v === 0 ? "0" : v.toExponential(1)) }, simple("rate", "learning_rate", "learning rate")),
    chartCard("norm", { title: "Gradient norm", note: "before clipping" }, simple("norm", "grad_norm", "gradient norm"))));
}

function memorySeries(runs) {
  if (runs.length > 1) {
    return runs.map((run, i) => ({ label: run.name, x: run.curves.memory.step, y: run.curves.memory.mem_rss_backward_bytes || run.curves.memory.mem_rss_bytes || [], color: RUN_COLORS[i % 5] }));
  }
  const run = runs[0];
  const m = run.curves.memory;
  const line = (label, key, color) => ({ label, x: m.step, y: m[key] || [], color });
  const level = (label, value) => ({ label, x: [m.step[0], m.step[m.step.length - 1]], y: [value, value], color: "bad", dashed: true });
  const series = [line("after forward", "mem_rss_forward_bytes", "c0"), line("after backward", "mem_rss_backward_bytes", "c3"),
    line("after the update", "mem_rss_optimizer_bytes", "c2"), line("Java heap", "mem_heap_bytes", "c1")];
  const budget = parseBytes(run.memory.budget);
  if (budget && m.step.length) series.push(level("budget", budget));
  return series;
}

/** What is in a bar of memory: parts of [bytes, color], from the left; the budget is a line. */
function memoryBar(name, parts, full, budget) {
  const share = (value) => (100 * value) / full + "%";
  let left = 0;
  const pieces = parts.map(([value, hue]) => {
    const piece = el("i", { style: `left:${share(left)};width:${share(value)};background:var(--${hue})` });
    left += value;
    return piece;
  });
  return [el("span", {}, name), el("div", { class: "bar" }, pieces, budget ? el("b", { style: `left:${share(budget)}` }) : null), el("span", { class: "n" }, bytes(left))];
}

/** How much memory is taken at the end of each phase, at the most, and what was planned. */
function phaseBars(run) {
  const { plan, peak, arena, mean } = run.memory;
  const phases = Object.entries(run.memory.phases).filter(([, p]) => known(p.resident));
  const budget = parseBytes(run.memory.budget);
  const full = Math.max(budget || 0, (plan && plan.total_bytes) || 0, peak || 0, 1) * 1.02;
  const names = { forward: "after forward", backward: "after backward", optimizer: "after the update" };
  const rows = phases.flatMap(([name, p]) => {
    const heap = Math.min(p.heap || 0, p.resident);
    return memoryBar(names[name], [[heap, "c1"], [p.resident - heap, "c0"]], full, budget);
  });
  if (peak) rows.push(...memoryBar("peak", [[peak, "c5"]], full, budget));
  if (plan) {
    rows.push(...memoryBar("planned", [[plan.values_bytes, "c2"], [plan.trained_bytes, "c4"], [plan.java_bytes, "c1"], [plan.model_bytes, "c0"]], full, budget));
  }
  const key = (hue, text) => el("li", {}, el("i", { style: `background:var(--${hue})` }), text);
  return el("section", { class: "card" }, el("div", { class: "title" }, el("h3", {}, "Memory by phase"), el("span", { class: "soft" }, "the most that was seen")),
    rows.length ? el("div", { class: "bars" }, rows) : el("p", { class: "soft" }, "This system does not tell how much memory a process has."),
    el("ul", { class: "key" }, key("c1", plan ? "Java (measured: its heap)" : "Java heap"), key("c0", "model pages, code and the rest"),
      plan ? [key("c2", "values of a step, planned"), key("c4", "what is trained, planned")] : null, budget ? key("bad", "budget " + bytes(budget)) : null),
    known(arena) ? el("p", { class: "soft" }, `The values of a step took ${bytes(arena)} at most` + (known(mean) ? `; the process had ${bytes(mean)} on average.` : ".")) : null);
}

function timeBars(runs) {
  const cards = runs.map((run) => {
    const sum = runSeconds(run) || 1;
    const parts = PARTS.filter(([key]) => run.seconds[key] > 0);
    return el("div", { style: "margin-bottom:14px" }, runs.length > 1 ? el("p", { class: "soft" }, run.name) : null,
      el("div", { class: "stack", role: "img", "aria-label": parts.map(([key, name]) => `${name} ${percent(run.seconds[key] / sum)}`).join(", ") },
        parts.map(([key, name, color]) => el("i", { style: `flex:${run.seconds[key]} 0 0;background:var(--${color})`, title: name }))),
      el("ul", { class: "key" }, parts.map(([key, name, color]) => el("li", {}, el("i", { style: `background:var(--${color})` }),
        `${name} ${duration(run.seconds[key])} (${percent(run.seconds[key] / sum)})`))),
      run.seconds.scratch > 0 ? el("p", { class: "soft" }, `${duration(run.seconds.scratch)} of this were waits for scratch files.`) : null);
  });
  return el("section", { class: "card wide" }, el("div", { class: "title" }, el("h3", {}, "Where the time went"), el("span", { class: "soft" }, duration(total(runs.map(runSeconds))))), cards);
}
