// The `rich_text` block: sections, lists, quotes and preformatted text made of styled pieces.

import { el, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { broadcast, channelMention, userMention } from "./mrkdwn.js";
import { slackDate } from "./time.js";

const STYLES = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]];

function styled(node, style) {
  return STYLES.reduce((inner, [name, tag]) => (style?.[name] ? el(tag, {}, inner) : inner), node);
}

const PIECES = {
  text: (piece) => piece.text ?? "",
  link: (piece) => link(piece.url, piece.text || piece.url),
  user: (piece) => userMention(piece.user_id),
  channel: (piece) => channelMention(piece.channel_id),
  usergroup: (piece) => el("span", { class: "mention" }, `@${piece.usergroup_id}`),
  broadcast: (piece) => broadcast(piece.range),
  emoji: (piece) => emoji(piece.name) ?? piece.unicode?.split("-").map((c) => String.fromCodePoint(Number.parseInt(c, 16))).join("") ?? `:${piece.name}:`,
  color: (piece) => piece.value ?? "",
  date: (piece) => el("time", { title: piece.fallback }, slackDate(piece.timestamp, piece.format ?? "{date}", piece.fallback ?? "")),
};

function piece(each) {
  const draw = PIECES[each.type];
  return styled(draw ? draw(each) : `[${each.type}]`, each.style);
}

const pieces = (element) => (element.elements ?? []).map(piece);

function list(element) {
  const tag = element.style === "ordered" ? "ol" : "ul";
  return el(tag, {
    class: `rich-list level-${(element.indent ?? 0) % 3}`,
    start: element.offset ? element.offset + 1 : null,
    style: { "--depth": element.indent ?? 0 },
  }, (element.elements ?? []).map((item) => el("li", {}, pieces(item))));
}

const ELEMENTS = {
  rich_text_section: (element) => el("p", { class: "rich" }, pieces(element)),
  rich_text_list: list,
  rich_text_quote: (element) => el("blockquote", { class: "rich" }, pieces(element)),
  rich_text_preformatted: (element) => el("pre", {}, pieces(element)),
};

export function richText(block) {
  return (block?.elements ?? []).map((element) => {
    const draw = ELEMENTS[element.type];
    return draw ? draw(element) : el("p", { class: "unknown" }, `[${element.type}]`);
  });
}

/** The words alone, for sorting and filtering. */
export function richWords(block) {
  const words = (node) => node.text ?? (node.name ? `:${node.name}:` : (node.elements ?? []).map(words).join(" "));
  return words(block ?? {});
}
