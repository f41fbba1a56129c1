// The story for the visitor: a list of steps, each a click that really does it and leads to where it can be seen.

import { api } from "./api.js";
import { append, el, icon, iconButton, uniqueId } from "./dom.js";
import { failed } from "./notices.js";
import { workspace } from "./workspace.js";

const title = "Kahvi in six steps";
let underWay = null;
let open = false;
let told = null; // the names of the steps that were done when the story was last drawn

/** Draws the story into `root` and says in `said` what is done anew; `go(place)` shows a place of the workspace. */
export function drawStory(root, said, go) {
  const { story } = workspace.frame;
  const finished = story?.steps.filter((step) => step.done) ?? [];
  const fresh = told && finished.find((step) => !told.has(step.name));
  if (fresh) said.textContent = `Done: ${fresh.title}. ${finished.length} of ${story.steps.length}.`;
  told = new Set(finished.map((step) => step.name));
  draw(root, go);
}

function draw(root, go) {
  const { story } = workspace.frame;
  root.hidden = !story || story.closed;
  if (root.hidden) return root.replaceChildren();
  const focused = root.contains(document.activeElement) && document.activeElement.dataset.key;
  const done = story.steps.filter((step) => step.done).length;
  const next = story.steps.find((step) => !step.done);
  root.classList.toggle("open", open);
  root.replaceChildren();
  append(root, [head(story, done, root, go), el("ol", { class: "steps" },
    story.steps.map((step, at) => row(step, at + 1, step === next, root, go))), ending(next)]);
  // What is folded away in a narrow window leaves its focus to what unfolds it.
  for (const key of focused ? [focused, "toggle"] : []) {
    if (root.contains(document.activeElement)) break;
    root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
  return undefined;
}

function head(story, done, root, go) {
  const toggle = el("button", {
    type: "button", class: "icon-button story-toggle", "aria-expanded": String(open), "aria-label": "All steps", data: { key: "toggle" },
    onclick: () => {
      open = !open;
      draw(root, go);
    },
  }, icon("down"));
  return el("header", { class: "story-head" },
    el("h2", { id: "story-title" }, title),
    el("span", { class: "story-count" }, `${done} of ${story.steps.length}`, el("span", { class: "sr" }, " done")),
    toggle, iconButton("close", "Close the story", () => close(true), { "data-key": "close" }));
}

function row(step, number, isNext, root, go) {
  const busy = underWay === step.name;
  const state = step.done ? "done" : isNext ? "next" : "later";
  const about = uniqueId("about");
  const button = el("button", {
    type: "button", class: "step-button", "aria-describedby": about, "aria-busy": String(busy), disabled: Boolean(underWay) && !busy,
    data: { key: step.name }, onclick: () => take(step, root, go),
  }, el("span", { class: "step-mark", "aria-hidden": "true" }, busy ? el("span", { class: "spinner" }) : step.done ? icon("complete") : String(number)),
    el("span", { class: "step-title" }, step.title, step.done && el("span", { class: "sr" }, " (done)")));
  return el("li", { class: `step ${state}`, "aria-current": isNext ? "step" : null }, button,
    el("p", { class: "step-text", id: about }, busy ? "Kahvi is at it…" : step.text),
    step.places.length > 1 && el("p", { class: "step-places" }, step.places.map((place) => el("button", {
      type: "button", class: "link-button", data: { key: `${step.name} ${place.label}` }, onclick: () => look(place, root, go),
    }, place.label))));
}

const ending = (next) => !next && el("p", { class: "story-end" },
  "That is the whole story. Type / in any channel to go on, or move the clock to see tomorrow. ",
  el("button", { type: "button", class: "link-button", data: { key: "again" }, onclick: again }, "Tell it again"));

async function again() {
  const answer = await api.tellAgain();
  if (!answer.ok) failed(answer.error);
}

async function take(step, root, go) {
  if (underWay) return undefined;
  // Where it was done already there is only something to look at.
  if (step.places.length) return look(step.places[0], root, go);
  underWay = step.name;
  draw(root, go);
  const answer = await api.takeStep(step.name);
  underWay = null;
  if (answer.ok) return look(answer.places[0], root, go);
  draw(root, go);
  return failed(answer.error);
}

/** Folds the steps, which leave little of a narrow window, and goes where there is something to see. */
function look(place, root, go) {
  open = false;
  draw(root, go);
  go(place);
}

async function close(closed) {
  const answer = await api.closeStory(closed);
  if (!answer.ok) failed(answer.error);
}

/** What brings the story back once it was closed. */
export function storyButton() {
  const { story } = workspace.frame;
  if (!story?.closed) return null;
  return el("button", { type: "button", class: "bar-button", id: "story-open", onclick: () => close(false) },
    icon("list"), el("span", { class: "bar-text" }, "Story"));
}
