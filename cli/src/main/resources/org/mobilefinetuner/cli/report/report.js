/** Puts the page together. */

function machine(runs) {
  return section("Memory and time", el("div", { class: "grid" },
    chartCard("memory", { title: "Memory", note: "resident, by phase", format: bytes }, () => memorySeries(runs)),
    runs.length === 1 ? phaseBars(runs[0]) : null,
    chartCard("speed", { title: "Throughput", note: "tokens/s" }, () => runs.map((run, i) => ({
      label: named(runs, run, "tokens/s"), x: run.curves.speed.step, y: run.curves.speed.train_tokens_per_second || [], color: RUN_COLORS[i % 5] }))),
    chartCard("time", { title: "Time of a step", log: "auto", format: (ms) => duration(ms / 1000) }, () => runs.flatMap((run, i) => [
      { label: named(runs, run, "computing"), x: run.curves.time.step, y: run.curves.time.time_step_ms || [], color: RUN_COLORS[i % 5] },
      (run.curves.time.sleep_ms || []).some((v) => v > 0) ? { label: named(runs, run, "paused"), x: run.curves.time.step, y: run.curves.time.sleep_ms, color: "c5", dashed: true } : { label: "", x: [], y: [] }])),
    timeBars(runs)));
}

/** Share of full speed after each decision, as steps of a stair. */
function dutySeries(run) {
  const { step, time_step_ms: busy, sleep_ms: sleep } = run.curves.time;
  if (!busy || !sleep || !sleep.some((v) => v > 0)) return { label: "", x: [], y: [] };
  return { label: "duty cycle", x: step, y: busy.map((ms, i) => (known(ms) ? (100 * ms) / (ms + (sleep[i] || 0)) : null)), color: "c2", scale: "right" };
}

function power(runs) {
  const run = runs[0];
  const p = run.curves.power;
  const decisions = run.events.filter((e) => e.event === "decision");
  const any = ["battery_pct", "temp_c", "battery_temp_c", "power_watts", "energy_joules"].some((key) => p[key]) || decisions.length > 0;
  if (!any) return section("Power and heat", el("p", { class: "soft" }, "The run has no readings of battery, temperature or energy."));
  const line = (label, key, color, scale) => ({ label, x: p.step, y: p[key] || [], color, scale });
  const celsius = (v) => short(v) + " °C";
  const ofHundred = (v) => Math.round(v) + " %";
  const cards = [];
  if (p.battery_pct || p.temp_c || p.battery_temp_c || decisions.length) {
    cards.push(chartCard("power", { title: "Temperature, battery and duty cycle", note: "dashed: decisions", wide: true, format: celsius, rightFormat: ofHundred,
      marks: () => decisions.map((d) => ({ x: d.step, color: d.stop ? "bad" : "warn" })) },
    () => [line("processor", "temp_c", "c1"), line("battery's temperature", "battery_temp_c", "c4"), line("battery", "battery_pct", "c0", "right"), dutySeries(run)]));
  }
  if (p.energy_joules) cards.push(chartCard("energy", { title: "Energy", note: run.summary.energy_source || "", format: joules }, () => [line("energy", "energy_joules", "c0")]));
  if (p.power_watts) cards.push(chartCard("watts", { title: "Power from the battery", note: "watts" }, () => [line("watts", "power_watts", "c3")]));
  if (decisions.length) {
    cards.push(el("section", { class: "card" + (cards.length % 2 ? " wide" : "") }, el("h3", {}, "Decisions"),
      table(["step", "speed", "why", "policy"], decisions.map((d) => [d.step, d.stop ? "stops" : percent(d.rate), d.reason, d.policy]), (i) => i < 2)));
  }
  return section("Power and heat" + (runs.length > 1 ? " of " + run.name : ""), el("div", { class: "grid" }, cards));
}

function samples(run) {
  const found = run.samples && run.samples.samples;
  if (!found || !found.length) return null;
  const answer = (text, right) => el("dd", { class: right === true ? "right" : right === false ? "wrong" : null }, text + (right === true ? " ✓" : right === false ? " ✗" : ""));
  const scores = (run.samples.scores || []).map((s) => tile(s.name, `${short(s.after)} ${s.unit}`, `before ${short(s.before)} ${s.unit}`));
  return section("Before and after", scores.length ? el("dl", { class: "tiles", style: "margin-bottom:12px" }, scores) : null,
    el("div", { class: "samples" }, found.map((s) => el("article", { class: "card sample" }, el("q", {}, s.prompt),
      el("dl", {}, el("dt", {}, "before"), answer(s.before, s.before_right), el("dt", {}, "after"), answer(s.after, s.after_right))))));
}

function configuration(runs) {
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run.config)))];
  const rows = keys.map((key) => {
    const values = runs.map((run) => (key in run.config ? run.config[key] : MISSING));
    return el("tr", { class: new Set(values).size > 1 ? "differs" : null }, el("th", { scope: "row" }, key), values.map((value) => el("td", {}, value)));
  });
  return section("Configuration", el("details", { class: "card", open: runs.length > 1 ? "" : null }, el("summary", {}, `run.yaml, ${keys.length} settings`),
    el("div", { class: "scroll", tabindex: "0" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "setting"), runs.map((run) => el("th", { scope: "col" }, run.name)))), el("tbody", {}, rows)))));
}

/** What happened, in order: all but what has a place of its own. */
function log(run) {
  const text = { checkpoint: (e) => `checkpoint written: ${e.path}`, resume: () => "went on from a checkpoint", end: (e) => e.outcome,
    warning: (e) => e.message, decision: (e) => e.reason, plan: (e) => `memory planned: ${bytes(e.total_bytes)}` };
  const rows = run.events.filter((e) => text[e.event]).map((e) => [e.step, new Date(e.time_unix_ms).toLocaleString(), e.event, text[e.event](e)]);
  if (!rows.length) return null;
  return section("Events", el("details", { class: "card" }, el("summary", {}, `${rows.length} events`), table(["step", "time", "event", ""], rows, (i) => i === 0)));
}

function head(runs) {
  const toggle = el("button", { type: "button", id: "theme" });
  const show = () => { toggle.textContent = document.documentElement.dataset.theme === "dark" ? "Light" : "Dark"; };
  toggle.onclick = () => { setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"); show(); redraw(); };
  show();
  const s = runs[0].summary;
  const c = runs[0].config;
  const what = [c.method, c.model && c.model.split("/").pop(), known(s.ended_ms) ? new Date(s.ended_ms).toLocaleString() : null].filter(known).join(" · ");
  return el("header", { class: "head" }, el("div", {},
    el("div", { class: "names" }, runs.map((run) => [el("h1", {}, run.name), el("span", { class: "pill " + run.summary.outcome }, run.summary.outcome)])),
    el("p", { class: "soft" }, what)), toggle);
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

function start() {
  const runs = JSON.parse(document.getElementById("data").textContent).runs;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  dark.onchange = () => { setTheme(dark.matches ? "dark" : "light"); redraw(); };
  const parts = [head(runs), runs.length > 1 ? summaryTable(runs) : tiles(runs[0]), ...warnings(runs[0]), samples(runs[0]), learning(runs), machine(runs), power(runs), configuration(runs), log(runs[0])];
  document.getElementById("report").replaceChildren(...parts.filter(known));
  redraw();
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; redraw(); } });
}

start();
