/** Line charts: drawn by uPlot, described in words, with a table behind each. */

const TABLE_ROWS = 60;
const drawings = [];

/** For tests and for the curious: what each chart shows. */
window.__charts = {};

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

/**
 * A card with a chart.
 *
 * series: () => [{label, x, y, color, faint, points, dashed, scale}], made anew when it is drawn
 * options: {title, note, format, rightFormat, log: true or "auto", wide, marks: () => [{x, color}], control}
 */
function chartCard(id, options, series) {
  const place = el("div", { class: "chart", id: "chart-" + id, role: "img" });
  const data = el("details", {}, el("summary", {}, "Data as a table"));
  const card = el("section", { class: "card" + (options.wide ? " wide" : ""), "aria-labelledby": "title-" + id },
    el("div", { class: "title" }, el("h3", { id: "title-" + id }, options.title),
      options.control || el("span", { class: "soft" }, options.note || "")),
    place, data);
  drawings.push({ draw: () => draw(id, options, series(), place, data) });
  return card;
}

function draw(id, options, series, place, details) {
  const shown = series.filter((s) => s.x.length > 0 && s.y.some(known));
  const data = shown.length ? uPlot.join(shown.map((s) => [s.x, s.y])) : [[]];
  const before = window.__charts[id];
  if (before) before.plot.destroy();
  place.textContent = "";
  place.setAttribute("aria-label", inWords(options, shown));
  const plot = new uPlot(plotOptions(options, shown, place.clientWidth), data, place);
  window.__charts[id] = { plot, series: shown.map((s) => ({ label: s.label, x: s.x, y: s.y })) };
  fillTable(details, options, shown, data);
}

function plotOptions(options, shown, width) {
  const format = options.format || short;
  const right = shown.some((s) => s.scale === "right");
  const axis = (more) => Object.assign({
    stroke: color("soft"), font: "11px system-ui, sans-serif",
    grid: { stroke: color("grid"), width: 1 }, ticks: { show: false },
  }, more);
  const axes = [
    axis({ size: 30, values: (u, values) => values.map((v) => (Number.isInteger(v) ? v.toLocaleString("en") : "")) }),
    axis({ size: 62, values: (u, values) => values.map((v) => (known(v) ? format(v) : "")) }),
  ];
  if (right) axes.push(axis({ side: 1, size: 58, scale: "right", grid: { show: false }, values: (u, values) => values.map(options.rightFormat) }));
  return {
    width, height: width < 420 ? 210 : 240, axes,
    scales: { x: { time: false }, y: { distr: logarithmic(options, shown) ? 3 : 1 } },
    cursor: { points: { size: 7 }, focus: { prox: 16 } },
    legend: { live: true },
    series: [{ label: "step" }].concat(shown.map((s) => ({
      label: s.label, scale: s.scale || "y", stroke: color(s.color), width: s.faint ? 1 : 2, alpha: s.faint ? 0.35 : 1,
      dash: s.dashed ? [6, 4] : undefined, spanGaps: true,
      points: { show: Boolean(s.points) || s.x.length < 3, size: 7, fill: color(s.color) },
      value: (u, v) => (known(v) ? (s.scale === "right" ? options.rightFormat : format)(v) : MISSING),
    }))),
    hooks: {
      draw: [(u) => drawMarks(u, options.marks ? options.marks() : [])],
      ready: [(u) => u.setLegend({ idx: u.data[0].length - 1 })],
    },
  };
}

function logarithmic(options, shown) {
  return options.log === "auto" ? shown.some((s) => farApart(s.y)) : options.log;
}

/** A dashed vertical line for each thing that happened. */
function drawMarks(u, marks) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  for (const mark of marks) {
    const x = Math.round(u.valToPos(mark.x, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = color(mark.color);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function inWords(options, shown) {
  const parts = shown.filter((s) => !s.faint).map((s) => {
    const format = (s.scale === "right" ? options.rightFormat : options.format) || short;
    const values = s.y.filter(known);
    return `${s.label} from ${format(values[0])} to ${format(values[values.length - 1])}`;
  });
  return `${options.title}: ${parts.join("; ") || "no data"}`;
}

/** Every row is too much to read; as many as fit are taken evenly, when it is opened. */
function fillTable(details, options, shown, data) {
  details.ontoggle = () => {
    if (!details.open || details.children.length > 1) return;
    const every = Math.max(1, Math.ceil(data[0].length / TABLE_ROWS));
    const format = (i) => (shown[i].scale === "right" ? options.rightFormat : options.format) || short;
    const rows = [];
    for (let r = 0; r < data[0].length; r++) {
      if (r % every === 0 || r === data[0].length - 1) {
        rows.push([data[0][r]].concat(shown.map((s, i) => (known(data[i + 1][r]) ? format(i)(data[i + 1][r]) : ""))));
      }
    }
    details.append(table(["step"].concat(shown.map((s) => s.label)), rows, () => true));
  };
}

function redraw() {
  drawings.forEach((drawing) => drawing.draw());
}
