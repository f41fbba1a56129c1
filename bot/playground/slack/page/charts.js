// The `data_visualization` block as SVG, drawn again whenever its width changes so that type stays crisp.

import { el, iconButton, svg, uniqueId } from "./dom.js";

const HEIGHT = 232;
const COLOURS = 12;

const colour = (index) => `c${(index % COLOURS) + 1}`;
const formatters = new Map();

/** What writes numbers; made once for each form, and not before a chart wants it, as making one takes long. */
function formatter(name, options) {
  if (!formatters.has(name)) formatters.set(name, new Intl.NumberFormat("en", options));
  return formatters.get(name);
}

const compact = (value, digits) => formatter(`compact ${digits}`, { notation: "compact", maximumFractionDigits: digits }).format(value);
const exact = (value) => formatter("exact", { maximumSignificantDigits: 4 }).format(value);
const short = (value) => (Math.abs(value) < 1000 ? exact(value) : compact(value, 1));
const full = (value) => formatter("full", { maximumFractionDigits: 4 }).format(value);

/** Round tick values that cover `low…high` in about `count` steps. */
export function niceTicks(low, high, count = 4) {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Whether a value shortened to so many digits (1.25M) still says exactly what it is. */
function saysAll(value, digits) {
  const unit = [1e12, 1e9, 1e6, 1e3].find((size) => Math.abs(value) >= size) ?? 1;
  const scaled = (value / unit) * 10 ** digits;
  return Math.abs(scaled - Math.round(scaled)) < 1e-6;
}

/** Short numbers (12.5K) for ticks, with the fewest digits that keep every one of them true. */
export function compactLabels(values) {
  const digits = [0, 1, 2, 3].find((count) => values.every((value) => saysAll(value, count)));
  return values.map((value) => (digits === undefined ? full(value) : compact(value, digits)));
}

function table(chart) {
  const bySeries = chart.type !== "pie";
  const head = bySeries ? [chart.axis_config?.x_label ?? "", ...chart.series.map((s) => s.name)] : ["", "Value"];
  const rows = bySeries
    ? categories(chart).map((category, i) => [category, ...chart.series.map((s) => number(valueAt(s, category, i)))])
    : chart.segments.map((segment) => [segment.label, number(segment.value)]);
  return el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Chart data" },
    el("table", { class: "grid" },
      el("thead", {}, el("tr", {}, head.map((name, i) => el("th", { scope: "col", "data-align": i ? "right" : null }, name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, i) =>
        el(i ? "td" : "th", { scope: i ? null : "row", "data-align": i ? "right" : null }, cell)))))));
}

const number = (value) => (value === null ? "–" : full(value));

const categories = (chart) => chart.axis_config?.categories ?? (chart.series[0]?.data ?? []).map((point) => point.label);

/** Points belong to their category by label; by place when a label is missing. */
function valueAt(series, category, index) {
  const point = series.data.find((each) => each.label === category) ?? series.data[index];
  return Number.isFinite(point?.value) ? point.value : null;
}

function words(block) {
  const { chart, title } = block;
  if (chart.type === "pie") {
    return `${title}: pie chart. ${chart.segments.map((s) => `${s.label} ${number(s.value)}`).join(", ")}.`;
  }
  const names = categories(chart);
  const parts = chart.series.map((series) => `${series.name}: ${names.map((name, i) => `${name} ${number(valueAt(series, name, i))}`).join(", ")}`);
  return `${title}: ${chart.type} chart. ${parts.join(". ")}.`;
}

const swatch = (index) => el("span", { class: `swatch ${colour(index)}`, "aria-hidden": "true" });

function legend(entries) {
  return el("ul", { class: "legend" }, entries.map((entry, i) => el("li", {}, swatch(i), entry)));
}

/** The y scale: bars and areas always stand on zero; a line may leave it out when that hides its movement. */
function domain(type, values) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  const farFromZero = type === "line" && low < high && low > high * 0.35;
  if (farFromZero) return niceTicks(low - (high - low) * 0.15, high);
  [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  return niceTicks(low, high === low ? 1 : high);
}

const SLANT = 38; // degrees, of the names of bars that would not stand side by side
const room = (names) => Math.min(Math.max(...names.map((name) => name.length)) * 6.6 + 10, 110);

function plot(chart, width) {
  const names = categories(chart);
  const rows = chart.series.map((series) => names.map((name, i) => valueAt(series, name, i)));
  const values = rows.flat().filter((value) => value !== null);
  const ticks = domain(chart.type, values.length ? values : [0]);
  const labels = compactLabels(ticks);
  const left = 12 + Math.max(...labels.map((label) => label.length)) * 7;
  const right = width - 10;
  const slot = (right - left) / names.length;
  // Each bar is somebody's: none may go without its name, as a month between two others may.
  const slanted = chart.type === "bar" && room(names) > slot;
  const below = slanted ? 18 + Math.ceil(room(names) * Math.sin((SLANT * Math.PI) / 180)) : 26;
  const height = HEIGHT + below - 26;
  const box = { left, right, top: chart.axis_config?.y_label ? 24 : 12, bottom: height - below - (chart.axis_config?.x_label ? 16 : 0) };
  const scale = (box.bottom - box.top) / (ticks.at(-1) - ticks[0]);
  return {
    chart, names, rows, ticks, labels, box, slot, slanted, width, height,
    x: (index) => box.left + slot * (index + 0.5),
    y: (value) => box.bottom - (value - ticks[0]) * scale,
  };
}

function axes({ chart, names, ticks, labels, box, slot, slanted, x, y, width, height }) {
  const nodes = ticks.flatMap((tick, i) => [
    svg("line", { class: tick === 0 ? "base" : "rule", x1: box.left, x2: box.right, y1: y(tick), y2: y(tick) }),
    svg("text", { class: "tick", x: box.left - 8, y: y(tick) + 4, "text-anchor": "end" }, labels[i]),
  ]);
  if (slanted) {
    names.forEach((name, i) => {
      const [at, below] = [x(i) + 4, box.bottom + 14];
      const shown = fit(name, Math.min(110, (0.85 * (at - 8)) / Math.cos((SLANT * Math.PI) / 180)));
      nodes.push(svg("text", { class: "tick", x: at, y: below, "text-anchor": "end", transform: `rotate(-${SLANT} ${at} ${below})` }, shown));
    });
  }
  const every = slanted ? Infinity : Math.max(1, Math.ceil(room(names) / slot));
  let free = slanted ? -1 : width;
  // Counted from the end, so that the newest label always stands.
  for (let i = names.length - 1; i >= 0; i -= every) {
    const name = fit(names[i], slot * every);
    const half = name.length * 3.3;
    // Moved inwards where it would leave the drawing, and left out where that meets its neighbour.
    const at = Math.min(Math.max(x(i), half), width - half);
    if (at + half > free) continue;
    free = at - half - 6;
    nodes.push(svg("text", { class: "tick", x: at, y: box.bottom + 18, "text-anchor": "middle" }, name));
  }
  const { x_label: xLabel, y_label: yLabel } = chart.axis_config ?? {};
  if (yLabel) nodes.push(svg("text", { class: "axis", x: 2, y: 11 }, fit(yLabel, width)));
  if (xLabel) nodes.push(svg("text", { class: "axis", x: (box.left + box.right) / 2, y: height - 5, "text-anchor": "middle" }, fit(xLabel, width)));
  return nodes;
}

function fit(text, room) {
  const most = Math.max(3, Math.floor(room / 6.4));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** Runs of neighbouring values; a missing one leaves a gap. */
function runs(values, place) {
  const found = [[]];
  values.forEach((value, i) => (value === null ? found.push([]) : found.at(-1).push(place(i, value))));
  return found.filter((run) => run.length);
}

function lines(frame) {
  const { chart, rows, x, y } = frame;
  const ground = y(Math.max(frame.ticks[0], Math.min(0, frame.ticks.at(-1))));
  const nodes = rows.flatMap((values, index) => runs(values, (i, value) => [x(i), y(value)]).flatMap((run) => {
    const [first, last] = [run[0], run.at(-1)];
    return [
      // Only under an area: below a line the axis may not start at zero, and a filled shape would say it does.
      chart.type === "area" && svg("path", { class: `fill ${colour(index)}`, d: `${path(run)}L${last[0]} ${ground}L${first[0]} ${ground}Z` }),
      svg("path", { class: `stroke ${colour(index)}`, d: path(run) }),
      svg("circle", { class: `dot ${colour(index)}`, cx: last[0], cy: last[1], r: 4 }),
    ];
  }));
  return rows.length === 1 ? [nodes, newest(frame)] : nodes;
}

/** The last value of a lone series, written beside its point. */
function newest({ rows, x, y, box }) {
  const [values] = rows;
  const at = values.findLastIndex((value) => value !== null);
  if (at < 0) return null;
  const rising = at > 0 && values[at] >= (values[at - 1] ?? 0);
  const above = rising ? y(values[at]) - 10 > box.top - 8 : y(values[at]) + 18 > box.bottom;
  return svg("text", { class: "value", x: Math.min(x(at) + 12, box.right + 8), y: y(values[at]) + (above ? -10 : 18), "text-anchor": "end" }, short(values[at]));
}

function bar(x, width, from, to) {
  const radius = Math.min(3, width / 2, Math.abs(to - from));
  const turn = to < from ? radius : -radius;
  return `M${x} ${from}V${to + turn}Q${x} ${to} ${x + radius} ${to}H${x + width - radius}Q${x + width} ${to} ${x + width} ${to + turn}V${from}Z`;
}

function bars({ rows, names, slot, x, y }) {
  const group = Math.min(slot * 0.72, 56 * rows.length);
  const width = group / rows.length;
  const labelled = rows.length === 1 && slot > 40;
  return rows.flatMap((values, index) => values.flatMap((value, i) => {
    if (value === null) return [];
    const left = x(i) - group / 2 + index * width;
    return [
      svg("path", { class: `column ${colour(index)}`, d: bar(left + 0.5, Math.max(1, width - 1), y(0), y(value)) }),
      labelled && names.length < 13 && svg("text", {
        class: "value", x: x(i), y: value < 0 ? y(value) + 13 : y(value) - 5, "text-anchor": "middle",
      }, short(value)),
    ];
  }));
}

/** Shows the values under the pointer, or under the arrow keys. */
function inspector(root, frame, tip, spoken) {
  const { rows, names, chart, box, slot, x, y } = frame;
  const guide = svg("line", { class: "guide", y1: box.top, y2: box.bottom });
  const marks = chart.type === "bar" ? [] : rows.map((_, index) => svg("circle", { class: `dot ${colour(index)}`, r: 4.5 }));
  const layer = svg("g", { class: "inspect", visibility: "hidden" }, chart.type === "bar" ? null : guide, marks);
  root.append(layer);
  let at = -1;
  const show = (index) => {
    at = Math.min(Math.max(index, 0), names.length - 1);
    guide.setAttribute("x1", x(at));
    guide.setAttribute("x2", x(at));
    marks.forEach((mark, series) => {
      const value = rows[series][at];
      mark.setAttribute("visibility", value === null ? "hidden" : "inherit");
      mark.setAttribute("cx", x(at));
      mark.setAttribute("cy", y(value ?? 0));
    });
    layer.setAttribute("visibility", "visible");
    const list = chart.series.map((series, i) => el("div", {}, swatch(i), el("span", {}, series.name), el("b", {}, number(rows[i][at]))));
    place(tip, [el("strong", {}, names[at]), list], x(at), frame.width);
  };
  const hide = () => {
    layer.setAttribute("visibility", "hidden");
    tip.hidden = true;
  };
  root.addEventListener("pointermove", (event) => {
    const inside = event.clientX - root.getBoundingClientRect().left;
    if (inside < box.left - 4 || inside > box.right + 4) hide();
    else show(Math.floor((inside - box.left) / slot));
  });
  root.addEventListener("pointerleave", hide);
  root.addEventListener("blur", hide);
  root.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Escape") hide();
    if (!step) return;
    event.preventDefault();
    show(at < 0 && step === 1 ? 0 : at < 0 ? names.length - 1 : at + step);
    spoken.textContent = `${names[at]}: ${chart.series.map((series, i) => `${series.name} ${number(rows[i][at])}`).join(", ")}`;
  });
}

function place(tip, children, at, width) {
  tip.replaceChildren(...children.flat());
  tip.hidden = false;
  const half = tip.offsetWidth / 2;
  tip.style.setProperty("left", `${Math.min(Math.max(at, half + 4), width - half - 4)}px`);
}

function drawPlot(block, width, tip, spoken) {
  const frame = plot(block.chart, width);
  const root = svg("svg", { width, height: frame.height, role: "img", tabindex: "0", "aria-label": words(block) },
    axes(frame), block.chart.type === "bar" ? bars(frame) : lines(frame));
  inspector(root, frame, tip, spoken);
  return root;
}

const PIE = 176;

function slice(from, to) {
  const [outer, inner] = [PIE / 2 - 2, PIE / 2 - 30];
  const point = (turn, radius) => {
    const angle = (turn - 0.25) * Math.PI * 2;
    return `${(PIE / 2 + Math.cos(angle) * radius).toFixed(2)} ${(PIE / 2 + Math.sin(angle) * radius).toFixed(2)}`;
  };
  // A whole circle has no arc of its own: its two ends would be one point.
  const end = Math.min(to, from + 0.9999);
  const wide = end - from > 0.5 ? 1 : 0;
  return `M${point(from, outer)}A${outer} ${outer} 0 ${wide} 1 ${point(end, outer)}L${point(end, inner)}A${inner} ${inner} 0 ${wide} 0 ${point(from, inner)}Z`;
}

function pie(block) {
  const segments = block.chart.segments ?? [];
  const total = segments.reduce((sum, segment) => sum + segment.value, 0) || 1;
  const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: total > 0 ? 1 : 0 });
  let turn = 0;
  const slices = segments.map((segment, i) => {
    const from = turn;
    turn += segment.value / total;
    return svg("path", { class: `slice ${colour(i)}`, d: slice(from, turn) },
      svg("title", {}, `${segment.label}: ${number(segment.value)} (${percent.format(segment.value / total)})`));
  });
  const rows = segments.map((segment, i) => el("li", {}, swatch(i), el("span", {}, segment.label),
    el("b", {}, number(segment.value)), el("i", {}, percent.format(segment.value / total))));
  return el("div", { class: "pie" },
    svg("svg", { viewBox: `0 0 ${PIE} ${PIE}`, role: "img", "aria-label": words(block) }, slices,
      svg("text", { class: "total", x: PIE / 2, y: PIE / 2 + 6, "text-anchor": "middle" }, short(total))),
    el("ul", { class: "shares" }, rows));
}

function responsive(block, canvas, tip, spoken) {
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (!width || width === drawn) return;
    drawn = width;
    canvas.replaceChildren(drawPlot(block, width, tip, spoken), tip);
  }).observe(canvas);
}

/** A chart with its title, legend, tooltip, and the same figures as a table behind one button. */
export function chart(block) {
  const isPie = block.chart?.type === "pie";
  if (!isPie && !block.chart?.series?.length) return el("p", { class: "unknown" }, "[data_visualization]");
  const tip = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  const spoken = el("span", { class: "sr", role: "status" });
  const canvas = el("div", { class: "canvas" }, isPie ? pie(block) : null);
  if (!isPie) responsive(block, canvas, tip, spoken);
  const data = el("div", { id: uniqueId("data"), hidden: true });
  const toggle = iconButton("table", "Show the figures as a table", () => {
    const open = data.hidden;
    if (open && !data.firstChild) data.append(table(block.chart));
    data.hidden = !open;
    canvas.hidden = open;
    toggle.setAttribute("aria-pressed", String(open));
  }, { "aria-pressed": "false", "aria-controls": data.id });
  return el("figure", { class: "chart" },
    el("figcaption", {}, el("strong", {}, block.title ?? ""), toggle),
    !isPie && block.chart.series.length > 1 && legend(block.chart.series.map((series) => series.name)),
    canvas, data, spoken);
}
