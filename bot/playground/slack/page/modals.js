// The stack of open views as one dialog.

import { api } from "./api.js";
import { blocks } from "./blocks.js";
import { el, iconButton } from "./dom.js";
import { Form } from "./forms.js";
import { textWords } from "./mrkdwn.js";
import { problemOf } from "./notices.js";

const stack = [];
let dialog = null;
let shownId = null;

const byId = (id) => stack.findIndex((entry) => entry.view.id === id);

/** A view drawn once and kept, so that whatever was typed is still there when a view above it closes. */
function drawn(view, kept) {
  const form = new Form();
  const body = el("div", { class: "modal-body", tabindex: "-1" }, el("div", { class: "modal-problem alert error", role: "alert", hidden: true }),
    blocks(view.blocks, { form, surface: "modal", container: () => ({ type: "view", view_id: view.id }) }));
  if (kept) form.keep(kept);
  return { view, form, body };
}

export function viewOpened(view) {
  const at = byId(view.id);
  if (at >= 0) return viewUpdated(view);
  stack.push(drawn(view));
  return show();
}

export function viewUpdated(view) {
  const at = byId(view.id);
  if (at < 0) return;
  const old = stack[at];
  stack[at] = drawn(view, old.form.values());
  const focused = focusedName(old.body);
  const scrolled = old.body.scrollTop;
  show();
  const again = focused && stack[at].body.querySelector(focused);
  if (again) {
    stack[at].body.scrollTop = scrolled;
    again.focus();
  } else if (at === stack.length - 1) {
    enter(stack[at]); // it shows something else now
  }
}

/** Where typing or reading begins. */
const enter = (entry) => (entry.body.querySelector("input, textarea") ?? entry.body).focus();

function focusedName(body) {
  const active = document.activeElement;
  if (!body.contains(active) || !active.dataset.action) return null;
  return `[data-action="${CSS.escape(active.dataset.action)}"]`;
}

export function viewClosed(view) {
  const at = byId(view?.id);
  if (at < 0) return;
  stack.splice(at, 1);
  show();
}

function close(entry) {
  viewClosed(entry.view);
  api.viewClose(entry.view.id);
}

async function submit(entry) {
  if (dialog.getAttribute("aria-busy") === "true") return;
  entry.form.clearErrors();
  busy(true);
  const answer = await api.viewSubmit(entry.view.id, entry.form.values());
  // The answer may have closed the dialog already, or put another view into it.
  if (dialog) busy(false);
  if (answer.ok) return;
  const problem = entry.body.querySelector(".modal-problem");
  const homeless = answer.errors ? entry.form.showErrors(answer.errors) : [problemOf(answer.error)];
  problem.textContent = homeless.join(" ");
  problem.hidden = !homeless.length;
  if (homeless.length) problem.scrollIntoView({ block: "center" });
}

function busy(on) {
  dialog.setAttribute("aria-busy", String(on));
  const button = dialog.querySelector(".modal-submit");
  if (button) button.disabled = on;
}

function frame(entry) {
  const { view } = entry;
  const label = textWords(view.title) || "Form";
  const submits = view.submit || view.blocks.some((block) => block.type === "input");
  return el("form", { class: "modal-form", novalidate: true, onsubmit: (event) => (event.preventDefault(), submit(entry)) },
    el("header", { class: "modal-head" },
      stack.length > 1 && iconButton("back", "Back", () => close(entry)),
      el("h2", { id: "modal-title" }, label),
      iconButton("close", "Close", () => close(entry))),
    entry.body,
    el("footer", { class: "modal-foot" },
      el("button", { class: "button", type: "button", onclick: () => close(entry) }, textWords(view.close) || (submits ? "Cancel" : "Close")),
      submits && el("button", { class: "button primary modal-submit", type: "submit" }, el("span", {}, textWords(view.submit) || "Submit"))));
}

function show() {
  const top = stack.at(-1);
  if (!top) {
    dialog?.close();
    dialog?.remove();
    dialog = null;
    shownId = null;
    return;
  }
  if (!dialog) {
    dialog = el("dialog", {
      class: "modal", "aria-labelledby": "modal-title",
      // Esc closes one view, not the whole stack; heard as a key, since a second cancel could not be prevented.
      onkeydown: (event) => event.key === "Escape" && !event.defaultPrevented && (event.preventDefault(), close(stack.at(-1))),
      oncancel: (event) => (event.preventDefault(), close(stack.at(-1))),
    });
    document.body.append(dialog);
    dialog.showModal();
  }
  dialog.setAttribute("aria-busy", "false");
  dialog.replaceChildren(frame(top));
  if (shownId !== top.view.id) {
    shownId = top.view.id;
    enter(top);
  }
}
