/** How numbers and elements are written. */

const MISSING = "–";

function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "style") element.style.cssText = value;
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

function known(value) {
  return value !== null && value !== undefined;
}

function short(value) {
  if (!known(value)) return MISSING;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return value.toLocaleString("en", { maximumSignificantDigits: size >= 100 ? 5 : 4 });
}

function bytes(value) {
  if (!known(value)) return MISSING;
  return value >= 1e9 ? (value / 1e9).toFixed(2) + " GB" : Math.round(value / 1e6) + " MB";
}

function duration(seconds) {
  if (!known(seconds)) return MISSING;
  if (seconds < 1) return Math.round(seconds * 1000) + " ms";
  if (seconds < 60) return seconds.toFixed(1) + " s";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes + " min " + Math.round(seconds % 60) + " s";
  return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
}

function joules(value) {
  if (!known(value)) return MISSING;
  return value >= 1e4 ? (value / 1e3).toFixed(1) + " kJ" : short(value) + " J";
}

function percent(share) {
  return (share * 100).toFixed(share < 0.1 ? 1 : 0) + " %";
}

/** A size such as 600MB or 1.5GiB in bytes, as the command line reads it; null if it is none. */
function parseBytes(text) {
  const parts = /^([0-9.]+)\s*([KMGT]?)(I?)B?$/i.exec(text || "");
  if (!parts) return null;
  const power = parts[2] ? " KMGT".indexOf(parts[2].toUpperCase()) : 0;
  return parseFloat(parts[1]) * Math.pow(parts[3] ? 1024 : 1000, power);
}

/** The exponential moving average of values, corrected for its start; gaps stay gaps. */
function smooth(values, weight) {
  let mean = 0;
  let norm = 0;
  return values.map((value) => {
    if (!known(value)) return null;
    mean = weight * mean + (1 - weight) * value;
    norm = weight * norm + (1 - weight);
    return mean / norm;
  });
}

/** Whether values are so far apart that only a logarithmic axis shows them all. */
function farApart(values) {
  const sorted = values.filter(known).sort((a, b) => a - b);
  return sorted.length > 2 && sorted[0] > 0 && sorted[sorted.length - 1] > 8 * sorted[sorted.length >> 1];
}

function total(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function last(values) {
  for (let i = (values || []).length - 1; i >= 0; i--) if (known(values[i])) return values[i];
  return null;
}

/** A table of rows of cells; numbers stand at the right. */
function table(head, rows, numeric) {
  const cell = (name) => (text, i) => el(name, { class: numeric(i) ? "n" : null, scope: name === "th" ? "col" : null }, String(text));
  return el("div", { class: "scroll", tabindex: "0" },
    el("table", {}, el("thead", {}, el("tr", {}, head.map(cell("th")))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell("td")))))));
}
