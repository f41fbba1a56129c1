// Ties the page together: what the address asks for, what the server pushes, what the reader sends.

import { api, live } from "./api.js";
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { Form } from "./forms.js";
import { drawBar, drawClock } from "./frame.js";
import { MessageList } from "./messages.js";
import { viewClosed, viewOpened, viewUpdated } from "./modals.js";
import { failed, notify, problemOf } from "./notices.js";
import { drawSidebar } from "./sidebar.js";
import { drawStory, storyButton } from "./story.js";
import { workspace } from "./workspace.js";

const $ = (id) => document.getElementById(id);

/** Where the reader is: `channel` and `thread` are ids or null, `home` is true on the app's own tab. */
const here = { channel: null, thread: null, home: false };

const channelList = new MessageList($("messages"), "Messages");
const threadList = new MessageList($("thread-messages"), "Thread", { inThread: true });
const box = composer($("composer"), { id: "composer-input", send: (text) => send(text) });
const threadBox = composer($("thread-composer"), { id: "thread-input", send: (text) => send(text, here.thread) });
let homeForm = null;
let readTimer = 0;

async function send(text, thread) {
  const answer = await api.send(here.channel, text, thread);
  if (!answer.ok) failed(answer.error);
  if (!thread) channelList.toBottom();
  return Boolean(answer.ok);
}

function frame() {
  drawBar($("frame"), storyButton());
  drawStory($("story"), $("story-said"), show);
}

/** Takes the reader to a place of the story. */
async function show(place) {
  drawer(false);
  // A message that is shown beside its thread has an address of its own; any other is brought into view here.
  const hash = place.thread ? `#${place.channel}/${place.ts}` : `#${place.channel}`;
  if (location.hash !== hash) {
    history.pushState(null, "", hash);
    await route({ focus: false });
  }
  if (place.ts) channelList.reveal(place.ts, place.end);
}

function sidebar() {
  drawSidebar($("sidebar"), here.home ? "home" : here.channel);
  const unread = workspace.channels.some((channel) => channel.unread);
  document.title = `${unread ? "● " : ""}${here.home ? workspace.userName(workspace.bot?.user_id) : title(workspace.channel(here.channel))} · Kahvi playground`;
}

const title = (channel) => (channel?.is_im ? workspace.channelName(channel) : `#${channel?.name ?? ""}`);

function tabs(channel) {
  const bot = workspace.botChannel();
  const show = workspace.hasHome() && (here.home || (bot && channel?.id === bot.id));
  $("app-tabs").hidden = !show;
  if (!show) return;
  const tab = (name, href, current) => el("a", { href, "aria-current": current ? "page" : null }, name);
  $("app-tabs").replaceChildren(tab("Home", "#home", here.home), bot ? tab("Messages", `#${bot.id}`, !here.home) : "");
}

function heading(channel) {
  $("pane-name").textContent = here.home ? workspace.userName(workspace.bot?.user_id) : title(channel);
  $("pane-topic").textContent = here.home ? "" : channel?.topic ?? "";
  tabs(channel);
}

/** The address says where to be: `#C…`, `#C…/ts` for a thread, `#home`. */
function wanted() {
  const [place, thread] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (place === "home" && workspace.hasHome()) return { channel: null, thread: null, home: true };
  if (workspace.channel(place)) return { channel: place, thread: thread || null, home: false };
  const first = workspace.channels.find((channel) => channel.is_member !== false && !channel.is_im) ?? workspace.channels[0];
  return { channel: first?.id ?? null, thread: null, home: false };
}

/** `focus` is whether the message box takes it, as it does not from a reader who follows the story. */
async function route({ focus = true } = {}) {
  const before = { ...here };
  Object.assign(here, wanted());
  drawer(false);
  const channel = workspace.channel(here.channel);
  heading(channel);
  for (const [id, shown] of [["messages", !here.home], ["composer", !here.home], ["home", here.home]]) $(id).hidden = !shown;
  showThreadPane();
  if (here.home) {
    sidebar();
    return openHome();
  }
  const moved = before.channel !== here.channel || before.home;
  if (moved) openChannel(channel, focus);
  if (here.thread && (moved || before.thread !== here.thread)) openThread(channel);
  sidebar();
  await Promise.all([moved && loadChannel(), here.thread && before.thread !== here.thread && loadThread()]);
  if (here.thread && moved) channelList.reveal(here.thread);
  return undefined;
}

function openChannel(channel, focus) {
  if (!channel) return;
  channel.unread = 0;
  channelList.open(channel.id, `Messages in ${title(channel)}`);
  box.open(channel.id, `Message ${title(channel)}`);
  if (focus && matchMedia("(hover: hover) and (min-width: 761px)").matches && !here.thread) box.focus();
}

function openThread(channel) {
  threadList.open(channel.id, "Thread");
  $("thread-place").textContent = title(channel);
  threadBox.open(here.thread, "Reply…");
}

function showThreadPane() {
  $("thread").hidden = !here.thread;
  $("shell").classList.toggle("with-thread", Boolean(here.thread));
}

const empty = (channel) => el("p", { class: "nothing" }, channel?.is_im
  ? `This is the beginning of your messages with ${workspace.channelName(channel)}. Type / to see the commands.`
  : `This is the very beginning of ${title(channel)}. Type / to see what Kahvi can do.`);

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";

async function loadChannel() {
  const { channel } = here;
  const before = heard;
  const { messages } = await api.messages(channel).catch(() => ({}));
  // The reader may have gone elsewhere while the answer was on its way.
  if (channel !== here.channel || !messages) return;
  // Something happened meanwhile that the answer may not know of.
  if (heard !== before) return void loadChannel();
  channelList.fill(messages.filter((message) => message.ephemeral || !isReply(message)), empty(workspace.channel(channel)));
}

async function loadThread() {
  const { channel, thread } = here;
  const before = heard;
  const { messages } = await api.messages(channel, thread).catch(() => ({}));
  if (channel !== here.channel || thread !== here.thread || !messages) return;
  if (heard !== before) return void loadThread();
  threadList.fill(messages);
}

function openHome() {
  api.homeOpened();
  return loadHome();
}

async function loadHome() {
  const { view } = await api.home().catch(() => ({}));
  drawHome(view);
}

function drawHome(view) {
  const kept = homeForm?.values();
  homeForm = new Form();
  const container = () => ({ type: "view", view_id: view.id });
  const nodes = view ? blocks(view.blocks, { form: homeForm, surface: "home", container })
    : [el("p", { class: "nothing" }, "The app has nothing on its Home yet.")];
  const scrolled = $("home").scrollTop;
  $("home").replaceChildren(el("div", { class: "home-body" }, nodes));
  if (kept) homeForm.keep(kept);
  $("home").scrollTop = scrolled;
}

function closeThread() {
  location.hash = `#${here.channel}`;
}

function drawer(open) {
  $("shell").classList.toggle("drawer-open", open);
  $("drawer-button").setAttribute("aria-expanded", String(open));
  if (open) $("sidebar").querySelector("[aria-current], a")?.focus();
}

/** How many messages came, changed or went: tells whether an answer on its way may be out of date. */
let heard = 0;

function messageArrived(channel, message) {
  const reply = isReply(message);
  const isNew = place(channel, message, reply);
  const known = workspace.channel(channel);
  const seen = channel === here.channel && !here.home && document.visibilityState === "visible";
  if (isNew && known && !seen && !reply && message.user !== workspace.me.id) {
    known.unread = (known.unread ?? 0) + 1;
    sidebar();
  }
  if (isNew && seen) markRead();
}

/** Asking for a channel's messages is what tells the server that they were read. */
function markRead() {
  clearTimeout(readTimer);
  readTimer = setTimeout(() => here.channel && api.messages(here.channel).catch(() => undefined), 400);
}

/** Puts a message wherever it is on screen; true when it was not there before. */
function place(channel, message, reply) {
  if (channel !== here.channel || here.home) return true;
  let isNew = false;
  if (here.thread && (message.thread_ts ?? message.ts) === here.thread) isNew = threadList.put(message);
  if (!reply) return channelList.put(message) || isNew;
  countReply(message, 1);
  return isNew;
}

/** The server tells a parent nothing of its replies, so the page counts them. */
function countReply(reply, step) {
  const parent = channelList.find(reply.thread_ts);
  // An answer that came meanwhile may have counted this reply already.
  if (!parent || reply.ephemeral || (step > 0 && reply.ts <= (parent.latest_reply ?? ""))) return;
  const latest = step > 0 ? reply.ts : parent.latest_reply;
  channelList.put({ ...parent, reply_count: Math.max(0, (parent.reply_count ?? 0) + step), latest_reply: latest });
}

function messageChanged(channel, message) {
  if (channel !== here.channel) return;
  if (channelList.find(message.ts)) channelList.put(message);
  if (threadList.find(message.ts)) threadList.put(message);
}

function messageDeleted(channel, message) {
  if (channel !== here.channel) return;
  if (isReply(message)) countReply(message, -1);
  channelList.remove(message.ts);
  threadList.remove(message.ts);
}

async function refreshState() {
  const state = await api.state();
  // Another tab became somebody else, and the server knows one reader only.
  if (state.me.id !== workspace.me.id) return location.reload();
  workspace.fill(state);
  const open = workspace.channel(here.channel);
  if (open) open.unread = 0;
  heading(open);
  frame();
  return sidebar();
}

function clockMoved(event) {
  workspace.setClock(event);
  drawClock();
  channelList.newDay();
  threadList.newDay();
}

const EVENTS = {
  message: (event) => (heard += 1, messageArrived(event.channel, event.message)),
  message_changed: (event) => (heard += 1, messageChanged(event.channel, event.message)),
  message_deleted: (event) => (heard += 1, messageDeleted(event.channel, event.message)),
  view_opened: (event) => viewOpened(event.view),
  view_updated: (event) => viewUpdated(event.view),
  view_closed: (event) => viewClosed(event.view),
  home: (event) => here.home && drawHome(event.view),
  notice: (event) => notify(event.level, event.text),
  channels: () => refreshState(),
  clock: clockMoved,
  frame: (event) => (workspace.frame = event.frame, frame()),
};

function connection(on, words) {
  $("connection-dot").classList.toggle("off", !on);
  $("connection").textContent = words;
}

function lost() {
  connection(false, "Reconnecting…");
}

let connectedBefore = false;

async function opened() {
  connection(true, "");
  // Whatever happened before the line stood is asked for again; open forms stay, with what was typed in them.
  if (connectedBefore) await refreshState();
  connectedBefore = true;
  if (here.home) await loadHome();
  else await Promise.all([loadChannel(), here.thread && loadThread()]);
}

function wire() {
  $("drawer-button").append(icon("menu"));
  $("drawer-button").addEventListener("click", () => drawer(!$("shell").classList.contains("drawer-open")));
  $("scrim").addEventListener("click", () => drawer(false));
  $("thread-close").append(icon("close"));
  $("thread-close").addEventListener("click", closeThread);
  $("skip").addEventListener("click", (event) => (event.preventDefault(), box.focus()));
  // Choosing the entry one is on already changes no address but should still close the drawer.
  $("sidebar").addEventListener("click", (event) => event.target.closest("a") && drawer(false));
  addEventListener("hashchange", () => route());
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if ($("shell").classList.contains("drawer-open")) drawer(false);
    else if (here.thread) closeThread();
  });
}

async function start() {
  wire();
  workspace.fill(await api.state());
  const arrived = route(); // what it asks for is on its way while the frame is drawn
  frame();
  await arrived;
  live({ opened, lost, received: (event) => EVENTS[event.type]?.(event) });
}

start().catch(() => notify("error", problemOf("no_connection")));
