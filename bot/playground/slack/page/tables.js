// The `table` block, and the `data_table` block with its sorting, filtering and paging.

import { append, el, iconButton } from "./dom.js";
import { textWords } from "./mrkdwn.js";
import { richText, richWords } from "./richtext.js";

function cellNodes(cell) {
  if (!cell) return [];
  if (cell.type === "rich_text") return richText(cell);
  return [cellWords(cell)];
}

function cellWords(cell) {
  if (!cell) return "";
  if (cell.type === "rich_text") return richWords(cell);
  if (cell.type === "raw_number") return textWords(cell.text ?? String(cell.value ?? ""));
  return textWords(cell.text ?? "");
}

function scroller(label, table) {
  return el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, table);
}

export function table(block) {
  const settings = block.column_settings ?? [];
  const [head = [], ...body] = block.rows ?? [];
  const cell = (tag) => (each, column) => el(tag, {
    scope: tag === "th" ? "col" : null,
    "data-align": settings[column]?.align,
    "data-wrap": settings[column]?.is_wrapped ? "yes" : null,
  }, cellNodes(each));
  return scroller("Table", el("table", { class: "grid" },
    el("thead", {}, el("tr", {}, head.map(cell("th")))),
    el("tbody", {}, body.map((row) => el("tr", {}, row.map(cell("td")))))));
}

const byWords = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a, b) {
  if (a?.type === "raw_number" && b?.type === "raw_number") return a.value - b.value;
  return byWords.compare(cellWords(a), cellWords(b));
}

/** A column of numbers stands right, so that the figures line up. */
const numeric = (rows, column) => rows.length > 0 && rows.every((row) => row[column]?.type === "raw_number");

export function dataTable(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? 5;
  const view = { page: 0, column: null, down: false, filter: "" };
  const numbers = head.map((_, column) => numeric(rows, column));
  const body = el("tbody");
  const headers = head.map((cell, column) => el("th", { scope: "col", "data-align": numbers[column] ? "right" : null },
    el("button", { type: "button", class: "sort", onclick: () => sortBy(column) }, cellNodes(cell))));
  const status = el("span", { class: "page-status", role: "status" });
  const previous = iconButton("left", "Previous rows", () => turn(-1));
  const next = iconButton("right", "Next rows", () => turn(1));
  const filter = el("input", {
    type: "search", class: "field small", placeholder: "Filter", "aria-label": `Filter ${block.caption ?? "rows"}`,
    oninput: () => draw({ filter: filter.value.trim().toLowerCase(), page: 0 }),
  });

  function chosen() {
    const kept = rows.filter((row) => row.some((cell) => cellWords(cell).toLowerCase().includes(view.filter)));
    if (view.column === null) return kept;
    const sorted = kept.sort((a, b) => compare(a[view.column], b[view.column]));
    return view.down ? sorted.reverse() : sorted;
  }

  function drawRow(row) {
    const key = block.row_header_column_index ?? 0;
    return el("tr", {}, row.map((cell, column) => el(column === key ? "th" : "td", {
      scope: column === key ? "row" : null, "data-align": numbers[column] ? "right" : null,
    }, cellNodes(cell))));
  }

  function draw(change) {
    Object.assign(view, change);
    const kept = chosen();
    const last = Math.max(0, Math.ceil(kept.length / size) - 1);
    view.page = Math.min(Math.max(view.page, 0), last);
    const from = view.page * size;
    body.replaceChildren(...kept.slice(from, from + size).map(drawRow));
    headers.forEach((header, column) => {
      const sorted = column === view.column ? (view.down ? "descending" : "ascending") : "none";
      header.setAttribute("aria-sort", sorted);
    });
    status.textContent = kept.length ? `${from + 1}–${Math.min(from + size, kept.length)} of ${kept.length}` : "No rows";
    previous.disabled = view.page === 0;
    next.disabled = view.page === last;
  }

  const turn = (step) => draw({ page: view.page + step });
  const sortBy = (column) => draw({ column, down: view.column === column && !view.down, page: 0 });

  draw({});
  const pages = rows.length > size;
  return append(el("div", { class: "data-table" }), [
    el("div", { class: "table-head" }, el("strong", {}, block.caption ?? ""), pages && filter),
    scroller(block.caption ?? "Table", el("table", { class: "grid" },
      el("caption", { class: "sr" }, block.caption ?? ""), el("thead", {}, el("tr", {}, headers)), body)),
    pages && el("div", { class: "table-foot" }, status, previous, next),
  ]);
}
