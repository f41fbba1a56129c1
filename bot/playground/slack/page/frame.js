// The bar above the workspace: the time, which can be moved, the pages beside this one, and who the reader is.

import { api } from "./api.js";
import { append, el, icon } from "./dom.js";
import { avatar } from "./messages.js";
import { failed } from "./notices.js";
import { menu } from "./popup.js";
import { clock, present, shortDay } from "./time.js";
import { workspace } from "./workspace.js";

const MOVES = [
  { label: "One hour later", detail: "+1 hour", move: { hours: 1 } },
  { label: "Tomorrow morning", detail: "08:30", move: { days: 1, at: "08:30" } },
  { label: "Next Monday morning", detail: "08:30", move: { weekday: 1, at: "08:30" } },
];
const TICK = 5000;

async function move(body) {
  const answer = await api.moveClock(body);
  if (!answer.ok) failed(answer.error);
}

const nowText = el("span", { class: "bar-text" });
const clockButton = menu(
  el("button", { type: "button", class: "bar-button", id: "clock" }, icon("clock"), nowText),
  "Move the clock", MOVES.map((choice) => ({ label: choice.label, detail: choice.detail, run: () => move(choice.move) })));

/** Shows the time of the workspace; while it is moving, every move that would cross it waits. */
export function drawClock() {
  const { moving } = workspace.clock;
  const time = clock(present());
  nowText.replaceChildren(el("span", { class: "wide-only" }, `${shortDay(present())}, `), time);
  clockButton.disabled = moving;
  clockButton.classList.toggle("moving", moving);
  clockButton.setAttribute("aria-label", `${moving ? "Time is passing" : "Move the clock"}: ${shortDay(present())}, ${time}`);
  clockButton.title = workspace.me?.tz ? `The workspace's time, in ${workspace.me.tz}` : "The workspace's time";
}

async function become(user) {
  const answer = await api.actAs(user.id);
  if (answer.ok === false) return failed(answer.error);
  // Another person sees other channels, views and private answers: starting afresh is the honest way.
  return location.reload();
}

const role = (user) => user.title || (user.is_guest ? "Guest" : `@${user.name}`);

function identity() {
  const { me } = workspace;
  const mine = workspace.users.get(me.id);
  const name = me.real_name || me.name;
  const button = el("button", { type: "button", class: "bar-button identity", id: "identity", "aria-label": `You act as ${name}: act as someone else` },
    avatar(mine, name), el("span", { class: "bar-text wide-only" }, name), icon("down"));
  const people = [...workspace.users.values()].filter((user) => !user.is_bot && !user.deleted);
  return menu(button, "Act as", people.map((user) => ({
    label: [avatar(user, user.real_name || user.name), el("span", { class: "person" }, user.real_name || user.name, el("small", {}, role(user)))],
    checked: user.id === me.id, run: () => user.id !== me.id && become(user),
  })));
}

const links = () => (workspace.frame.links ?? []).map((link) => el("a", {
  class: "bar-button", href: link.url, target: "_blank", rel: "noopener", title: `${link.name}, in a window beside this one`,
}, icon("card"), el("span", { class: "bar-text" }, link.name)));

/** Draws what is to the right of the bar; `storyButton` brings a story back that was put away. */
export function drawBar(root, storyButton) {
  drawClock();
  root.replaceChildren();
  append(root, [storyButton, links(), clockButton, identity()]);
}

setInterval(() => workspace.clock && drawClock(), TICK);
