// A list of messages: grouped by author, parted by day, staying at the bottom only when the reader is there.

import { blocks } from "./blocks.js";
import { el, icon, iconButton } from "./dom.js";
import { emoji } from "./emoji.js";
import { Form } from "./forms.js";
import { mrkdwn } from "./mrkdwn.js";
import { clock, dayName, fullTime, sameDay, tsDate } from "./time.js";
import { workspace } from "./workspace.js";

const GROUPED_SECONDS = 300;
const NEAR_BOTTOM = 48;

export function avatar(user, name) {
  const isApp = user?.is_bot;
  const initials = (name || "?").split(/\s+/).map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();
  const colour = /^#?[0-9a-f]{6}$/i.test(user?.color ?? "") ? `#${user.color.replace("#", "")}` : null;
  return el("span", { class: isApp ? "avatar app" : "avatar", "aria-hidden": "true", style: colour && !isApp ? { "--own": colour } : {} },
    isApp ? icon("cup") : initials);
}

const authorName = (message) => message.username || workspace.userName(message.user);

function body(message, channel, kept) {
  const form = new Form();
  const ctx = { form, surface: "message", container: () => ({ type: "message", channel, message_ts: message.ts }) };
  const node = el("div", { class: "message-body" },
    message.blocks?.length ? blocks(message.blocks, ctx) : el("div", { class: "text" }, mrkdwn(message.text)),
    (message.attachments ?? []).map((each) => attachment(each, ctx)));
  if (message.edited) lastLine(node).append(el("span", { class: "edited", title: editedTitle(message.edited) }, " (edited)"));
  if (kept) form.keep(kept);
  return { form, node };
}

function attachment(each, ctx) {
  const tint = /^#?[0-9a-f]{6}$/i.test(each.color ?? "") ? `#${each.color.replace("#", "")}` : null;
  return el("div", { class: "attachment", style: tint ? { "--tint": tint } : {} }, each.blocks?.length
    ? blocks(each.blocks, ctx)
    : el("div", { class: "text" }, mrkdwn(each.text ?? each.fallback)));
}

/** The line that ends a message of plain text, else the message as a whole. */
function lastLine(node) {
  const last = node.lastElementChild;
  return last?.matches(".text") && last.lastElementChild?.matches(".line") ? last.lastElementChild : node;
}

function reactions(message) {
  return message.reactions?.length && el("div", { class: "reactions" }, message.reactions.map((each) =>
    el("span", { title: (each.users ?? []).map((id) => workspace.userName(id)).join(", ") }, `${emoji(each.name) ?? `:${each.name}:`} ${each.count}`)));
}

const editedTitle = (edited) => (edited.ts ? `Edited ${fullTime(tsDate(edited.ts))}` : "Edited");

async function copyLink(channel, message) {
  const address = `${location.origin}/#${channel}/${message.ts}`;
  await navigator.clipboard?.writeText(address).catch(() => undefined);
}

function tools(message, channel, inThread) {
  if (message.ephemeral) return null;
  const root = message.thread_ts ?? message.ts;
  return el("div", { class: "tools", role: "group", "aria-label": "Message actions" },
    !inThread && iconButton("thread", "Reply in thread", () => { location.hash = `#${channel}/${root}`; }),
    iconButton("link", "Copy link", (event) => {
      copyLink(channel, message);
      event.currentTarget.classList.add("done");
    }));
}

function replies(message, channel, inThread) {
  if (inThread || !message.reply_count) return null;
  const words = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  return el("a", { class: "replies", href: `#${channel}/${message.ts}` }, icon("thread"), words);
}

/** One message. `setPlace` tells it whether it follows its own author closely, and which day it opens. */
class Row {
  constructor(message, list) {
    this.list = list;
    this.node = el("div", { class: "row", data: { ts: message.ts } });
    this.fill(message);
  }

  fill(message) {
    const { channel, inThread } = this.list;
    const kept = this.form?.values();
    const focused = this.node.contains(document.activeElement) && document.activeElement.dataset.action;
    this.message = message;
    const name = authorName(message);
    const user = workspace.users.get(message.user);
    const date = tsDate(message.ts);
    const { form, node } = body(message, channel, kept);
    this.form = form;
    this.article = el("article", { class: message.ephemeral ? "message ephemeral" : "message", "aria-label": `${name}, ${clock(date)}` },
      el("div", { class: "gutter" }, avatar(user, name), el("time", { class: "side-time", "aria-hidden": "true" }, clock(date))),
      el("div", { class: "message-main" },
        message.ephemeral && el("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
        el("div", { class: "byline" }, el("bdi", { class: "author" }, name), user?.is_bot && el("span", { class: "app-mark" }, "APP"),
          el("a", { class: "when", href: `#${channel}/${message.thread_ts ?? message.ts}`, title: fullTime(date) }, clock(date))),
        node, reactions(message), replies(message, channel, inThread)),
      tools(message, channel, inThread));
    this.node.replaceChildren(...(this.divider ? [this.divider] : []), this.article);
    this.article.classList.toggle("follows", Boolean(this.follows));
    if (focused) node.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus();
  }

  setPlace(previous) {
    const date = tsDate(this.message.ts);
    const opensDay = !previous || !sameDay(date, tsDate(previous.message.ts));
    const close = previous && Number(this.message.ts) - Number(previous.message.ts) < GROUPED_SECONDS;
    this.follows = Boolean(!opensDay && close && authorName(previous.message) === authorName(this.message)
      && !previous.message.ephemeral && !this.message.ephemeral && !previous.message.reply_count);
    this.divider?.remove();
    this.divider = opensDay ? el("div", { class: "day", role: "separator" }, el("span", {}, dayName(date))) : null;
    if (this.divider) this.node.prepend(this.divider);
    this.article.classList.toggle("follows", this.follows);
  }
}

export class MessageList {
  #rows = [];
  #pinned = true;
  #dropped = -1;
  #awaited = null;
  #held = null;

  /** `root` is the scrolling pane; `inThread` lists show no thread links of their own. */
  constructor(root, label, { inThread = false } = {}) {
    this.root = root;
    this.inThread = inThread;
    this.log = el("div", { class: "log", role: "log", "aria-label": label, tabindex: "0" });
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toBottom() }, icon("down"), "New messages");
    root.replaceChildren(this.log, this.jump);
    root.addEventListener("scroll", () => this.#scrolled());
    for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) root.addEventListener(kind, () => { this.#held = null; }, { passive: true });
    // Charts and pictures find their height late, and the pane its own; a reader stays meanwhile where they were led.
    const watch = new ResizeObserver(() => this.#stay());
    watch.observe(this.log);
    watch.observe(root);
  }

  get messages() {
    return this.#rows.map((row) => row.message);
  }

  get newest() {
    return this.#rows.at(-1)?.message.ts;
  }

  /** Shows another conversation. */
  open(channel, label) {
    this.channel = channel;
    this.log.setAttribute("aria-label", label);
    this.#rows = [];
    this.log.replaceChildren();
    this.#pinned = true;
    this.#awaited = this.#held = null;
    this.jump.hidden = true;
  }

  /** Makes the list equal to `messages`, touching only what differs. */
  fill(messages, intro) {
    this.log.setAttribute("aria-busy", "true");
    const wanted = new Set(messages.map((message) => message.ts));
    for (const row of [...this.#rows]) if (!wanted.has(row.message.ts)) this.remove(row.message.ts);
    for (const message of messages) this.put(message, { quiet: true });
    if (intro && !messages.length) this.log.replaceChildren(intro);
    this.log.removeAttribute("aria-busy");
    if (this.#awaited) this.reveal(this.#awaited.ts, this.#awaited.end);
    this.#stay();
  }

  /** Adds a message or replaces the one with the same `ts`; true when it is new. */
  put(message, { quiet = false } = {}) {
    const known = this.#rows.find((row) => row.message.ts === message.ts);
    if (known) {
      // An unchanged message keeps its node, and with it whatever is open or typed in it.
      if (JSON.stringify(known.message) !== JSON.stringify(message)) this.#refill(known, message);
      return false;
    }
    if (!this.#rows.length) this.log.replaceChildren();
    const row = new Row(message, this);
    let at = this.#rows.length;
    while (at > 0 && this.#rows[at - 1].message.ts > message.ts) at -= 1;
    this.#rows.splice(at, 0, row);
    this.log.insertBefore(row.node, this.#rows[at + 1]?.node ?? null);
    this.#place(at);
    if (!quiet) this.#arrived(message);
    if (!quiet && message.ts === this.#awaited?.ts) this.reveal(message.ts, this.#awaited.end);
    return true;
  }

  #refill(row, message) {
    row.fill(message);
    this.#place(this.#rows.indexOf(row));
  }

  #place(at) {
    this.#rows[at]?.setPlace(this.#rows[at - 1]);
    this.#rows[at + 1]?.setPlace(this.#rows[at]);
  }

  remove(ts) {
    const at = this.#rows.findIndex((row) => row.message.ts === ts);
    if (at < 0) return;
    this.#rows[at].node.remove();
    this.#rows.splice(at, 1);
    this.#place(at);
  }

  find(ts) {
    return this.#rows.find((row) => row.message.ts === ts)?.message;
  }

  #arrived(message) {
    // Who lets time pass wants to see what comes.
    if (this.#pinned || message.user === workspace.me?.id || workspace.clock?.moving) this.toBottom();
    else this.jump.hidden = false;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.root;
    // Where the list itself has scrolled to, the reader has not moved from the newest message, or from where they were led.
    if (this.#held) return;
    if (this.#pinned && Math.abs(scrollTop - this.#dropped) < 2) return;
    this.#pinned = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    if (this.#pinned) this.jump.hidden = true;
  }

  /** To the bottom; but a newest message taller than the pane is shown from its beginning. */
  #drop() {
    const newest = this.#rows.at(-1)?.node.getBoundingClientRect();
    const pane = this.root.getBoundingClientRect();
    if (newest && newest.height > pane.height) this.root.scrollTop += newest.top - pane.top;
    else this.root.scrollTop = this.root.scrollHeight;
    this.#dropped = this.root.scrollTop;
  }

  #stay() {
    if (this.#pinned) this.#drop();
    else if (this.#held) this.#show(this.#held);
  }

  toBottom() {
    this.#pinned = true;
    this.#held = null;
    this.jump.hidden = true;
    this.#drop();
  }

  /** Another day has come: what was today is yesterday. */
  newDay() {
    this.#rows.forEach((_, at) => this.#rows[at].setPlace(this.#rows[at - 1]));
  }

  /** Brings a message into view, as soon as it is there, and marks it for a moment; its `end` where it is taller.

      It stays there, whatever else finds its height, until the reader moves. */
  reveal(ts, end = false) {
    const row = this.#rows.find((each) => each.message.ts === ts);
    this.#awaited = row ? null : { ts, end };
    if (!row) return;
    this.#pinned = false;
    this.#held = { row, end };
    this.jump.hidden = true;
    this.#show(this.#held);
    row.article.classList.remove("revealed");
    requestAnimationFrame(() => row.article.classList.add("revealed"));
  }

  #show({ row, end }) {
    // The middle of a message taller than the pane would be read by nobody first.
    const tall = row.node.offsetHeight > this.root.clientHeight;
    row.node.scrollIntoView({ block: tall ? (end ? "end" : "start") : "center" });
  }
}
