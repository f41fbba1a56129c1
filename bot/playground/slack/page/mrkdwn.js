// Slack's own markup (mrkdwn) as nodes. Whatever is not markup shows as it is; nothing is ever parsed as HTML.

import { el, link, safeUrl } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { slackDate } from "./time.js";
import { workspace } from "./workspace.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

const plain = (text) => withEmoji(unescape(text));

export function userMention(id, label) {
  const user = workspace.users.get(id);
  const mine = id === workspace.me?.id;
  // Isolated, so that a right-to-left name cannot turn the rest of the line round.
  return el("bdi", { class: mine ? "mention mention-me" : "mention" }, `@${user?.real_name ?? user?.name ?? label ?? id}`);
}

export function channelMention(id, label) {
  const channel = workspace.channel(id);
  return el("a", { class: "mention", href: `#${id}` }, `#${channel?.name ?? label ?? id}`);
}

export const broadcast = (range) => el("span", { class: "mention mention-me" }, `@${range}`);

function special(body) {
  const [command, label] = body.split("|", 2);
  if (["here", "channel", "everyone"].includes(command)) return broadcast(command);
  if (command.startsWith("subteam^")) return el("span", { class: "mention" }, label ?? "@group");
  if (!command.startsWith("date^")) return null;
  const [, seconds, format, address] = command.split("^");
  const words = slackDate(seconds, format ?? "", label ?? "");
  return address ? link(unescape(address), words) : el("time", { title: label }, words);
}

/** What stands between `<` and `>`: a mention, a date or a link; null when it is none of them. */
function angle(body) {
  const [target, label] = splitOnce(body, "|");
  if (/^@[UW][A-Z0-9]*$/.test(target)) return userMention(target.slice(1), label);
  if (/^#[CGD][A-Z0-9]*$/.test(target)) return channelMention(target.slice(1), label);
  if (body.startsWith("!")) return special(body.slice(1));
  const address = unescape(target);
  if (!safeUrl(address)) return null;
  return link(address, label ? plain(label) : address.replace(/^mailto:/, ""));
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

const STYLES = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;

/** Where a style opened at `start` closes, or -1: the mark hugs its words and no letter follows it. */
function closing(text, mark, start) {
  for (let at = text.indexOf(mark, start + 2); at > 0; at = text.indexOf(mark, at + 1)) {
    if (!/\s/.test(text[at - 1]) && !WORD.test(text[at + 1] ?? " ")) return at;
  }
  return -1;
}

function styled(text, at, open) {
  const mark = text[at];
  const wanted = STYLES[mark] && !open.includes(mark);
  if (!wanted || WORD.test(text[at - 1] ?? " ") || /\s/.test(text[at + 1] ?? " ")) return null;
  const end = closing(text, mark, at);
  return end < 0 ? null : { end: end + 1, node: el(STYLES[mark], {}, inline(text.slice(at + 1, end), open + mark)) };
}

function code(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { end: end + 1, node: el("code", {}, unescape(text.slice(at + 1, end))) };
}

function bracketed(text, at) {
  const end = text.indexOf(">", at);
  const node = end > at + 1 ? angle(text.slice(at + 1, end)) : null;
  return node && { end: end + 1, node };
}

/** One run of text (no block structure) as nodes. `open` holds the style marks already around it. */
export function inline(text, open = "") {
  const nodes = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const piece = text[at] === "<" ? bracketed(text, at) : text[at] === "`" ? code(text, at) : styled(text, at, open);
    if (!piece) continue;
    if (at > from) nodes.push(plain(text.slice(from, at)));
    nodes.push(piece.node);
    from = piece.end;
    at = piece.end - 1;
  }
  if (from < text.length) nodes.push(plain(text.slice(from)));
  return nodes;
}

const QUOTE = /^(?:>|&gt;) ?/;
const BULLET = /^(\s*)([•◦▪–-]|\d{1,2}\.) +(?=\S)/;

function line(text) {
  const bullet = BULLET.exec(text);
  if (!bullet) return el("span", { class: "line" }, text ? inline(text) : el("br"));
  const depth = Math.min(Math.floor(bullet[1].length / 2), 4);
  return el("span", { class: "line bullet", style: { "--depth": depth } },
    el("span", { class: "mark" }, bullet[2] === "-" ? "•" : bullet[2]), inline(text.slice(bullet[0].length)));
}

function lines(text) {
  const nodes = [];
  let quote = null;
  for (const each of text.split("\n")) {
    const quoted = QUOTE.test(each);
    if (quoted && !quote) nodes.push(quote = el("blockquote"));
    if (!quoted) quote = null;
    (quote ?? { append: (node) => nodes.push(node) }).append(line(quoted ? each.replace(QUOTE, "") : each));
  }
  return nodes;
}

/** A whole mrkdwn text: paragraphs line by line, quotes, preformatted parts. */
export function mrkdwn(text) {
  const parts = String(text ?? "").split("```");
  return parts.map((part, index) => {
    // The last part of an even number of parts was opened by a fence that never closed.
    if (index % 2 && index < parts.length - 1) return el("pre", {}, unescape(part.replace(/^\n|\n$/g, "")));
    const source = index % 2 ? "```" + part : part;
    const trimmed = source.replace(index > 0 ? /^\n/ : /^$/, "").replace(index < parts.length - 1 ? /\n$/ : /$^/, "");
    return trimmed ? lines(trimmed) : [];
  });
}

/** A Block Kit text object (`plain_text` or `mrkdwn`) or a bare string as nodes. */
export function textNodes(text) {
  if (!text) return [];
  if (typeof text === "string") return [plain(text)];
  if (text.type === "mrkdwn") return mrkdwn(text.text);
  return [text.emoji === false ? unescape(text.text ?? "") : plain(text.text ?? "")];
}

/** The words of a text object alone, for labels. */
export const textWords = (text) => (typeof text === "string" ? plain(text) : plain(text?.text ?? ""));
