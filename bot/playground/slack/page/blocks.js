// Draws every block Kahvi may send; a type nobody knows shows as its name in a box.

import { chart } from "./charts.js";
import { append, el, icon, link, safeUrl, uniqueId } from "./dom.js";
import { element, image, isGroup } from "./elements.js";
import { inputFrame } from "./forms.js";
import { markdown } from "./markdown.js";
import { textNodes, textWords } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

const FOLD_LETTERS = 600;
const FOLD_LINES = 5;

/** Slack folds long sections of messages behind "See more" unless they say `expand`. */
function folded(text, node, ctx, expand) {
  const source = text.text ?? "";
  const long = source.length > FOLD_LETTERS || source.split("\n").length > FOLD_LINES;
  if (expand || ctx.surface !== "message" || !long) return node;
  node.classList.add("folded");
  const toggle = el("button", {
    type: "button", class: "text-button", "aria-expanded": "false",
    onclick: () => {
      const isFolded = node.classList.toggle("folded");
      toggle.textContent = isFolded ? "See more" : "See less";
      toggle.setAttribute("aria-expanded", String(!isFolded));
    },
  }, "See more");
  return el("div", {}, node, toggle);
}

function section(block, ctx) {
  const text = block.text && folded(block.text, el("div", { class: "text" }, textNodes(block.text)), ctx, block.expand);
  const fields = block.fields?.length && el("div", { class: "fields" }, block.fields.map((field) => el("div", { class: "text" }, textNodes(field))));
  const accessory = block.accessory && el("div", { class: `accessory holds-${block.accessory.type}` }, element(block.accessory, ctx));
  return el("div", { class: "section" }, el("div", { class: "section-body" }, text, fields), accessory);
}

const header = (block) => el("h3", { class: "header" }, textNodes(block.text));

function context(block) {
  return el("div", { class: "context" }, (block.elements ?? []).map((each) =>
    (each.type === "image" ? image(each) : el("span", { class: "text" }, textNodes(each)))));
}

const actions = (block, ctx) => el("div", { class: "actions" }, (block.elements ?? []).map((each) => element(each, ctx)));

function input(block, ctx) {
  const optional = Boolean(block.optional);
  const drawn = element(block.element, ctx, { dispatches: Boolean(block.dispatch_action), optional });
  return inputFrame({
    label: textNodes(block.label), hint: textNodes(block.hint), optional, element: drawn, blockId: ctx.blockId, form: ctx.form,
    group: isGroup(block.element),
  });
}

function imageBlock(block) {
  return el("figure", { class: "image" }, block.title && el("figcaption", {}, textNodes(block.title)), image(block));
}

function video(block) {
  return el("div", { class: "row-card" }, icon("play"), el("div", {},
    link(safeUrl(block.title_url) ?? block.video_url, textNodes(block.title), { class: "strong" }),
    block.description && el("div", { class: "muted" }, textNodes(block.description))));
}

function file(block) {
  const name = block.file?.title ?? block.file?.name ?? block.external_id ?? "File";
  return el("div", { class: "row-card" }, icon("file"), el("span", {}, name));
}

const ALERTS = { info: "Note", warning: "Warning", error: "Error", success: "Done" };

function alert(block) {
  const level = block.level ?? "default";
  return el("div", { class: `alert ${level}`, role: level === "error" ? "alert" : "note", "aria-label": ALERTS[level] },
    el("div", { class: "text" }, textNodes(block.text)));
}

function card(block, ctx) {
  const part = (name, text) => text && el("div", { class: `card-${name} text` }, textNodes(text));
  return el("article", { class: "card" },
    block.hero_image && el("div", { class: "card-hero" }, image(block.hero_image)),
    el("div", { class: "card-head" }, block.icon && image(block.icon), el("div", {}, part("title", block.title), part("subtitle", block.subtitle))),
    part("body", block.body), part("subtext", block.subtext), block.actions?.length && actions({ elements: block.actions }, ctx));
}

function carousel(block, ctx) {
  return el("div", { class: "carousel", role: "region", "aria-label": "Cards", tabindex: "0" },
    (block.elements ?? []).map((each, index) => card(each, { ...ctx, blockId: each.block_id ?? `${ctx.blockId}-${index}` })));
}

function container(block, ctx) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : textNodes(block.title);
  const head = [block.icon && image(block.icon), el("span", { class: "container-title" }, title),
    block.subtitle && el("span", { class: "muted" }, textNodes(block.subtitle))];
  const body = el("div", { class: "container-body" }, blocks(block.child_blocks, ctx));
  const width = ["narrow", "wide", "full"].includes(block.width) ? block.width : "standard";
  if (!block.is_collapsible) {
    return el("section", { class: `container ${width} ${block.has_header_divider ? "divided" : ""}` }, el("div", { class: "container-head" }, head), body);
  }
  return el("details", { class: `container ${width}`, open: !block.default_collapsed },
    el("summary", { class: "container-head" }, icon("right"), head), body);
}

const STATES = { pending: "Waiting", in_progress: "Under way", complete: "Done", error: "Failed" };

function task(block) {
  const state = block.status in STATES ? block.status : "pending";
  const sign = { complete: "complete", error: "close" }[state] ?? "pending";
  return el("div", { class: `task ${state}` }, icon(sign), el("div", {},
    el("div", { class: "strong" }, textWords(block.title), el("span", { class: "sr" }, ` (${STATES[state]})`)),
    block.details && el("div", { class: "muted" }, richText(block.details)),
    block.output && el("div", {}, richText(block.output)),
    block.sources?.length && el("div", { class: "muted" }, block.sources.map((source) => [link(source.url, source.text ?? source.url), " "]))));
}

function plan(block) {
  return el("section", { class: "plan" }, el("h3", { class: "container-title" }, textWords(block.title)), (block.tasks ?? []).map(task));
}

const BLOCKS = {
  section,
  header,
  context,
  actions,
  input,
  video,
  file,
  alert,
  card,
  carousel,
  container,
  plan,
  table,
  context_actions: actions,
  image: imageBlock,
  divider: () => el("hr"),
  rich_text: (block) => el("div", { class: "text" }, richText(block)),
  markdown: (block) => el("div", { class: "text markdown" }, markdown(block.text)),
  data_table: dataTable,
  data_visualization: chart,
  task_card: task,
};

function draw(block, ctx) {
  const known = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type] : null;
  if (!known) return el("div", { class: "unknown" }, `[${block.type}]`);
  try {
    return known(block, ctx);
  } catch (problem) {
    // One malformed block must not take the rest of the message with it.
    console.error("This block could not be drawn", block, problem);
    return el("div", { class: "unknown" }, `[${block.type}]`);
  }
}

/** Draws blocks into nodes. `ctx` is `{ form, surface, container() }`. */
export function blocks(list, ctx) {
  return (list ?? []).map((block) => {
    const blockId = block.block_id ?? uniqueId("block");
    return append(el("div", { class: `block b-${block.type}`, data: { block: blockId } }), draw(block, { ...ctx, blockId }));
  });
}
