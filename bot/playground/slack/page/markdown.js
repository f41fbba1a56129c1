// The `markdown` block: common Markdown (headings, lists, quotes, fences, tables, links) as nodes, never as HTML.

import { el, link } from "./dom.js";
import { withEmoji } from "./emoji.js";

const INLINE = new RegExp([
  "\\\\(?<escaped>[\\\\`*_~\\[\\]()#+.!|<>-])",
  "`(?<code>[^`]+)`",
  "!?\\[(?<label>[^\\]]*)\\]\\((?<url>[^\\s)]+)[^)]*\\)",
  "<(?<auto>(?:https?://|mailto:)[^\\s>]+)>",
  "\\*\\*(?<strong>\\S(?:.*?\\S)?)\\*\\*",
  "__(?<strong2>\\S(?:.*?\\S)?)__",
  "~~(?<strike>\\S(?:.*?\\S)?)~~",
  "\\*(?<em>\\S(?:.*?\\S)?)\\*",
  "\\b_(?<em2>\\S(?:.*?\\S)?)_\\b",
  "(?<bare>https?://[^\\s<>]*[^\\s<>.,;:!?)])",
].join("|"), "su");

function piece(groups) {
  if (groups.escaped) return groups.escaped;
  if (groups.code) return el("code", {}, groups.code);
  if (groups.url) return link(groups.url, span(groups.label || groups.url));
  if (groups.auto || groups.bare) return link(groups.auto ?? groups.bare, groups.auto ?? groups.bare);
  if (groups.strong ?? groups.strong2) return el("strong", {}, span(groups.strong ?? groups.strong2));
  if (groups.strike) return el("s", {}, span(groups.strike));
  return el("em", {}, span(groups.em ?? groups.em2));
}

function span(text) {
  const nodes = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index) nodes.push(withEmoji(rest.slice(0, found.index)));
    nodes.push(piece(found.groups));
    rest = rest.slice(found.index + found[0].length);
  }
  return rest ? [...nodes, withEmoji(rest)] : nodes;
}

const FENCE = /^\s*```/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^\s*> ?/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const ROW = /^\s*\|.*\|\s*$/;
const DELIMITER = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;

const take = (lines, test) => {
  const taken = [];
  while (lines.length && test(lines[0])) taken.push(lines.shift());
  return taken;
};

function fence(lines) {
  lines.shift();
  const body = take(lines, (line) => !FENCE.test(line));
  lines.shift();
  return el("pre", {}, body.join("\n"));
}

const cells = (row) => row.trim().slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));

function alignment(mark) {
  if (/^:-+:$/.test(mark)) return "center";
  return mark.endsWith(":") ? "right" : null;
}

function table(lines) {
  const [head, delimiter, ...body] = take(lines, (line) => ROW.test(line));
  const align = cells(delimiter).map(alignment);
  const row = (source, tag) => el("tr", {}, cells(source).map((cell, i) => el(tag, { "data-align": align[i] }, span(cell))));
  return el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", { class: "grid" }, el("thead", {}, row(head, "th")), el("tbody", {}, body.map((line) => row(line, "td")))));
}

function itemText(text) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(text);
  return task ? [task[1] === " " ? "☐ " : "☑ ", span(task[2])] : span(text);
}

/** A list and the lists inside it, by indentation. */
function list(lines) {
  const [, indent, mark] = ITEM.exec(lines[0]);
  const ordered = /\d/.test(mark);
  const node = el(ordered ? "ol" : "ul", { start: ordered ? Number.parseInt(mark, 10) : null });
  for (let item = ITEM.exec(lines[0] ?? ""); item; item = ITEM.exec(lines[0] ?? "")) {
    if (item[1].length < indent.length) break;
    if (item[1].length > indent.length + 1 && node.lastChild) {
      node.lastChild.append(list(lines));
      continue;
    }
    if (/\d/.test(item[2]) !== ordered) break;
    lines.shift();
    node.append(el("li", {}, itemText(item[3])));
  }
  return node;
}

function paragraph(lines) {
  const starts = (line) => [FENCE, HEADING, RULE, QUOTE, ITEM].some((kind) => kind.test(line));
  const first = lines.shift();
  const body = [first, ...take(lines, (line) => line.trim() && !starts(line) && !ROW.test(line))];
  return el("p", {}, body.flatMap((line, index) => (index ? [el("br"), ...span(line.trim())] : span(line.trim()))));
}

function block(lines) {
  const line = lines[0];
  if (!line.trim()) return lines.shift() && null;
  if (FENCE.test(line)) return fence(lines);
  const heading = HEADING.exec(line);
  // The message sits under the page's own two levels of headings.
  if (heading) return lines.shift() && el(`h${Math.min(heading[1].length + 2, 6)}`, {}, span(heading[2]));
  if (RULE.test(line)) return lines.shift() && el("hr");
  if (QUOTE.test(line)) {
    return el("blockquote", {}, blocks(take(lines, (each) => QUOTE.test(each)).map((each) => each.replace(QUOTE, ""))));
  }
  if (ITEM.test(line)) return list(lines);
  if (ROW.test(line) && DELIMITER.test(lines[1] ?? "")) return table(lines);
  return paragraph(lines);
}

function blocks(lines) {
  const nodes = [];
  while (lines.length) nodes.push(block(lines));
  return nodes.filter(Boolean);
}

export const markdown = (text) => blocks(String(text ?? "").split(/\r?\n/));
