// The list on the left: channels, direct messages, the app.

import { el, icon } from "./dom.js";
import { avatar } from "./messages.js";
import { workspace } from "./workspace.js";

function entry(href, sign, name, { current, unread, dim }) {
  return el("li", {}, el("a", {
    href, class: [unread && "unread", dim && "dim"].filter(Boolean).join(" ") || null, "aria-current": current ? "page" : null,
  }, sign, el("span", { class: "entry-name" }, name), unread > 0 && el("span", { class: "badge", "aria-label": `${unread} unread` }, String(unread))));
}

const section = (title, entries) => entries.length > 0 && el("section", {}, el("h2", {}, title), el("ul", {}, entries));

const byName = (a, b) => workspace.channelName(a).localeCompare(workspace.channelName(b), "en");

function channelEntry(channel, current) {
  const sign = channel.is_private ? icon("lock") : el("span", { class: "hash", "aria-hidden": "true" }, "#");
  return entry(`#${channel.id}`, sign, channel.name, {
    current: current === channel.id, unread: channel.unread, dim: channel.is_member === false,
  });
}

function personEntry(channel, current) {
  const user = workspace.users.get(channel.user);
  const own = channel.user === workspace.me.id ? " (you)" : "";
  return entry(`#${channel.id}`, avatar(user, workspace.channelName(channel)), `${workspace.channelName(channel)}${own}`,
    { current: current === channel.id, unread: channel.unread });
}

function appEntry(current) {
  const channel = workspace.botChannel();
  const user = workspace.users.get(workspace.bot?.user_id) ?? { is_bot: true };
  return entry(workspace.hasHome() || !channel ? "#home" : `#${channel.id}`, avatar({ ...user, is_bot: true }, "App"), workspace.userName(workspace.bot.user_id), {
    current: current === "home" || current === channel?.id, unread: channel?.unread,
  });
}

/** Draws the sidebar; `current` is a channel's id or "home". */
export function drawSidebar(root, current) {
  const bot = workspace.botChannel();
  const shared = workspace.channels.filter((channel) => !channel.is_im);
  const people = workspace.channels.filter((channel) => channel.is_im && channel !== bot).sort(byName);
  const focused = root.contains(document.activeElement) && document.activeElement.getAttribute("href");
  root.replaceChildren(
    el("div", { class: "team" }, avatar({ is_bot: true }, ""), el("strong", {}, workspace.team?.name ?? "")),
    el("div", { class: "entries" },
      section("Channels", shared.sort(byName).sort((a, b) => (b.is_member !== false) - (a.is_member !== false)).map((each) => channelEntry(each, current))) || "",
      section("Direct messages", people.map((each) => personEntry(each, current))) || "",
      workspace.bot ? section("Apps", [appEntry(current)]) : ""));
  if (focused) [...root.querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus();
}
