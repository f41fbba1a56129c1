// Builds DOM nodes. Text only ever enters the page through text nodes and attributes, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

function apply(node, props) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  return node;
}

/** An HTML element; `on…` props are listeners, `data` and `style` are objects, children may be nested or empty. */
export function el(tag, props, ...children) {
  const node = apply(document.createElement(tag), props);
  append(node, children);
  return node;
}

export function svg(tag, props, ...children) {
  const node = apply(document.createElementNS(SVG, tag), props);
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child);
  }
  return node;
}

const PATHS = {
  menu: "M4 6.500h16M4 12h16M4 17.500h16",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4.500 12L20 4.500 15.500 20l-3.500-6.500zM12 13.500L20 4.500",
  thread: "M5 5.500h14v10h-8l-4 3.500v-3.500H5z",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  lock: "M6.500 11h11v8.500h-11zM9 11V8a3 3 0 0 1 6 0v3",
  more: "M12 5.500v.01M12 12v.01M12 18.500v.01",
  down: "M6.500 9.500L12 15l5.500-5.500",
  back: "M14.500 6L8.500 12l6 6",
  left: "M14.500 6L8.500 12l6 6",
  right: "M9.500 6l6 6-6 6",
  eye: "M3 12s3.300-6 9-6 9 6 9 6-3.300 6-9 6-9-6-9-6zM12 9.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z",
  table: "M4 5.500h16v13H4zM4 10h16M10 10v8.500",
  chart: "M4 19h16M6.500 15l4-5 3.500 3 4.500-7",
  file: "M7 3.500h7l4 4v13H7zM14 3.500v4h4",
  play: "M8.500 5.500l10 6.500-10 6.500z",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13",
  up_thumb: "M7.500 11L11 4.500c1.500 0 2.500 1 2 3L12.500 10H18l-1.500 9H7.500zM4.500 11h3v8h-3z",
  down_thumb: "M7.500 13L11 19.500c1.500 0 2.500-1 2-3L12.500 14H18l-1.500-9H7.500zM4.500 5h3v8h-3z",
  cup: "M5 9.500h11v5a4.500 4.500 0 0 1-4.500 4.500h-2A4.500 4.500 0 0 1 5 14.500zM16 11h1.200a2.500 2.500 0 0 1 0 5H15.800M8.500 6.500c-.8-1 .8-1.700 0-3M12.500 6.500c-.8-1 .8-1.700 0-3",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 7.500V12l3 2",
  card: "M3.500 6h17v12.500h-17zM3.500 10h17M7 15h4",
  list: "M9.500 6.500H20M9.500 12H20M9.500 17.500H20M4.500 6.500l1 1 1.700-2M4.500 12l1 1 1.700-2M4.500 17.500l1 1 1.700-2",
  search: "M10.500 4.500a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15 15l5 5",
  pending: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z",
  complete: "M5 12.500l4.500 4.500L19 7.500",
};

const drawn = new Map();

/** A line icon; decorative, so whoever uses it alone gives its button a label. */
export function icon(name) {
  if (!drawn.has(name)) {
    drawn.set(name, svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
      svg("path", { d: PATHS[name] })));
  }
  return drawn.get(name).cloneNode(true); // a channel holds thousands
}

export function iconButton(name, label, onclick, extra) {
  return el("button", { class: "icon-button", type: "button", "aria-label": label, title: label, onclick, ...extra },
    icon(name));
}

let counter = 0;
export const uniqueId = (prefix) => `${prefix}-${++counter}`;

/** The address if it may become a link (http, https, mailto), else null. */
export function safeUrl(address) {
  try {
    const url = new URL(String(address));
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Where one of Slack's permalinks leads on this page: `#C…`, or `#C…/ts` for a message; null for other addresses. */
function permalink(url) {
  const found = /^\/archives\/([CDG]\w+)(?:\/p(\d{10})(\d{6}))?$/.exec(url.pathname);
  if (!found || !url.hostname.endsWith(".slack.com")) return null;
  const [, channel, seconds, rest] = found;
  const ts = url.searchParams.get("thread_ts") ?? (seconds ? `${seconds}.${rest}` : null);
  return ts ? `#${channel}/${ts}` : `#${channel}`;
}

/** A link when the address is safe, else its words alone; what points into this workspace stays on this page. */
export function link(address, children, props) {
  const href = safeUrl(address);
  if (!href) return el("span", props, children);
  const local = permalink(new URL(href));
  if (local || new URL(href).origin === location.origin) return el("a", { href: local ?? href, ...props }, children);
  return el("a", { href, rel: "noopener noreferrer", target: "_blank", ...props }, children);
}
