// The message box: Enter sends, Shift+Enter breaks the line, "/" offers commands and "@" people.

import { el, icon, uniqueId } from "./dom.js";
import { popup } from "./popup.js";
import { workspace } from "./workspace.js";

const MOST = 8;

function commandChoices(words) {
  return workspace.commands.filter((each) => each.command.startsWith(words.toLowerCase())).map((each) => ({
    insert: `${each.command} `, label: each.command, hint: each.usage_hint, detail: each.description,
  }));
}

function peopleChoices(words) {
  const wanted = words.toLowerCase();
  return [...workspace.users.values()]
    .filter((user) => `${user.name} ${user.real_name}`.toLowerCase().includes(wanted))
    .map((user) => ({ insert: `@${user.name} `, label: `@${user.name}`, detail: user.real_name }));
}

/** What is being typed at the caret that could be completed, as `{ from, choices }`. */
function completion(text, caret) {
  const before = text.slice(0, caret);
  if (/^\/\S*$/.test(before)) return { from: 0, choices: commandChoices(before) };
  const person = /(?:^|\s)@([\w.-]*)$/.exec(before);
  return person ? { from: caret - person[1].length - 1, choices: peopleChoices(person[1]) } : null;
}

/** Draws a composer into `slot`; `send(text)` resolves to true when the server took the message. */
export function composer(slot, { id, send }) {
  const listId = uniqueId("commands");
  const input = el("textarea", {
    id, rows: "1", class: "composer-input", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": listId,
    oninput: () => changed(), onkeydown: (event) => keys(event), onclick: () => suggest(), onblur: () => floating.hide(),
  });
  const sendButton = el("button", { type: "submit", class: "send", "aria-label": "Send", title: "Send", disabled: true }, icon("send"));
  const hint = el("p", { class: "composer-hint", role: "status" });
  const box = el("form", { class: "composer", onsubmit: (event) => (event.preventDefault(), submit()) }, input, sendButton);
  const list = el("div", { class: "popup list commands", role: "listbox", id: listId, "aria-label": "Suggestions",
    onpointerdown: (event) => event.preventDefault() });
  const floating = popup(list, box, { match: true, up: true, closed: () => input.removeAttribute("aria-activedescendant") });
  const drafts = new Map();
  let place = null;
  let offered = [];
  let from = 0;
  let active = 0;
  slot.replaceChildren(box, hint);

  function changed() {
    // The height follows the text; CSS bounds it.
    input.style.setProperty("height", "auto");
    input.style.setProperty("height", `${input.scrollHeight + 2}px`);
    sendButton.disabled = !input.value.trim();
    suggest();
    tell();
  }

  /** Once a command is written, its usage stays in sight. */
  function tell() {
    const command = workspace.commands.find((each) => input.value.startsWith(`${each.command} `));
    hint.replaceChildren(...(command ? [el("code", {}, `${command.command} ${command.usage_hint ?? ""}`), ` ${command.description ?? ""}`] : []));
  }

  function suggest() {
    const found = completion(input.value, input.selectionStart);
    offered = (found?.choices ?? []).slice(0, MOST);
    if (!offered.length) return floating.hide();
    from = found.from;
    list.replaceChildren(...offered.map((choice) => el("div", {
      class: "option", role: "option", id: uniqueId("command"), "aria-selected": "false", onclick: () => take(choice),
    }, el("span", { class: "command" }, choice.label, choice.hint && el("em", {}, ` ${choice.hint}`)), el("small", {}, choice.detail ?? ""))));
    floating.show();
    return move(0);
  }

  function move(to) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = to;
    const row = list.children[active];
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row.id);
  }

  function take(choice) {
    const after = input.value.slice(input.selectionStart);
    input.value = input.value.slice(0, from) + choice.insert + after;
    input.selectionStart = input.selectionEnd = from + choice.insert.length;
    floating.hide();
    input.focus();
    changed();
  }

  async function submit() {
    const text = input.value.trim();
    if (!text || box.getAttribute("aria-busy") === "true") return;
    const begun = place;
    box.setAttribute("aria-busy", "true");
    const taken = await send(text);
    box.setAttribute("aria-busy", "false");
    if (!taken) return;
    // Only what was sent leaves the box: the reader may have typed on meanwhile, or gone elsewhere.
    if (drafts.get(begun)?.trim() === text) drafts.delete(begun);
    if (place !== begun || input.value.trim() !== text) return;
    input.value = "";
    changed();
  }

  function keys(event) {
    if (event.isComposing) return;
    if (floating.open && listKeys(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  }

  /** Keys that belong to the open list; a fully typed command is sent by Enter like any message. */
  function listKeys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const choice = offered[active];
    if (step) move((active + step + offered.length) % offered.length);
    else if (event.key === "Escape") floating.hide();
    else if (event.key === "Tab" || (event.key === "Enter" && choice.insert.trim() !== input.value.trim())) take(choice);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return {
    /** Turns to another conversation; what was begun in this one waits there. */
    open(where, text) {
      drafts.set(place, input.value);
      place = where;
      input.value = drafts.get(where) ?? "";
      input.placeholder = text;
      input.setAttribute("aria-label", text);
      changed();
      floating.hide();
    },
    focus: () => input.focus(),
  };
}
