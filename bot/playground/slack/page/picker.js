// The select of every kind: one or several choices, from a list or asked of the app, with a filter to type into.

import { el, icon, uniqueId } from "./dom.js";
import { popup } from "./popup.js";

const PAUSE = 200;

const matches = (choice, words) => `${choice.label} ${choice.detail ?? ""}`.toLowerCase().includes(words);

/**
 * A combobox. `load(words)` gives (a promise of) groups `[{ label?, choices: [{ value, label, detail?, raw }] }]`;
 * with `remote` it is asked again for every word typed, from `least` letters on. `changed(choices)` tells the choice.
 */
export function picker({ load, remote, least = 0, many, most, placeholder, label, selected = [], clearable, changed }) {
  let chosen = [...selected];
  let shownChoices = [];
  let active = -1;
  let timer = 0;
  let asked = 0;
  const listId = uniqueId("options");
  const input = el("input", {
    class: "picker-input", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, "aria-label": label, placeholder,
    onfocus: () => input.select(),
    onclick: () => open(),
    oninput: () => typed(),
    onkeydown: (event) => keys(event),
    onblur: () => setTimeout(() => node.contains(document.activeElement) || close(), 0),
  });
  const chips = el("span", { class: "chips" });
  const clear = el("button", {
    type: "button", class: "picker-clear", "aria-label": "Clear", hidden: true,
    onclick: () => (choose([]), input.focus()),
  }, icon("close"));
  const node = el("div", { class: many ? "picker many" : "picker", onclick: () => input.focus() }, chips, input, clear, icon("down"));
  const list = el("div", {
    class: "popup list", role: "listbox", id: listId, "aria-label": label, "aria-multiselectable": many ? "true" : null,
    // Keeps the focus in the input while an option is clicked.
    onpointerdown: (event) => event.preventDefault(),
  });
  const floating = popup(list, node, { match: true, closed: () => settle() });

  function open() {
    if (floating.open || input.disabled) return;
    input.setAttribute("aria-expanded", "true");
    floating.show();
    ask("");
  }

  function close() {
    clearTimeout(timer);
    floating.hide();
  }

  function settle() {
    asked += 1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = many ? "" : chosen[0]?.label ?? "";
  }

  function typed() {
    if (!floating.open) {
      input.setAttribute("aria-expanded", "true");
      floating.show();
    }
    clearTimeout(timer);
    timer = setTimeout(() => ask(input.value.trim()), remote ? PAUSE : 0);
  }

  async function ask(words) {
    const turn = (asked += 1);
    if (remote && words.length < least) return say(least === 1 ? "Type to search" : `Type at least ${least} letters`);
    if (remote) say("Searching…");
    const groups = await load(words);
    // An older answer must not replace the list of newer words.
    if (turn !== asked || !floating.open) return undefined;
    return fill(remote ? groups : kept(groups, words.toLowerCase()));
  }

  const kept = (groups, words) => groups.map((group) => ({ ...group, choices: group.choices.filter((each) => matches(each, words)) }));

  function say(text) {
    shownChoices = [];
    active = -1;
    list.replaceChildren(el("p", { class: "empty", role: "status" }, text));
    floating.replace();
  }

  function fill(groups) {
    shownChoices = [];
    const nodes = groups.filter((group) => group.choices.length).flatMap((group) => [
      group.label && el("div", { class: "group", role: "presentation" }, group.label),
      ...group.choices.map(option),
    ]).filter(Boolean);
    if (!shownChoices.length) return say("Nothing found");
    list.replaceChildren(...nodes);
    const current = shownChoices.findIndex(({ choice }) => isChosen(choice));
    move(Math.max(current, 0));
    return floating.replace();
  }

  const isChosen = (choice) => chosen.some((each) => each.value === choice.value);

  function option(choice) {
    const row = el("div", {
      class: "option", role: "option", id: uniqueId("option"), "aria-selected": String(isChosen(choice)),
      onclick: () => take(choice),
    }, el("span", {}, choice.label), choice.detail && el("small", {}, choice.detail), isChosen(choice) && icon("complete"));
    shownChoices.push({ choice, row });
    return row;
  }

  function move(to) {
    shownChoices[active]?.row.classList.remove("active");
    active = to;
    const { row } = shownChoices[active];
    row.classList.add("active");
    row.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row.id);
  }

  function take(choice) {
    if (!many) {
      choose([choice]);
      return close();
    }
    const next = isChosen(choice) ? chosen.filter((each) => each.value !== choice.value) : [...chosen, choice];
    if (most && next.length > most) return say(`At most ${most} can be chosen`);
    choose(next);
    input.value = "";
    return ask("");
  }

  function choose(next) {
    chosen = next;
    draw();
    changed?.(chosen);
  }

  function draw() {
    if (many) chips.replaceChildren(...chosen.map(chip));
    else input.value = chosen[0]?.label ?? "";
    if (many) input.placeholder = chosen.length ? "" : placeholder ?? "";
    clear.hidden = many || !clearable || !chosen.length;
  }

  const chip = (choice) => el("span", { class: "chip" }, el("bdi", {}, choice.label), el("button", {
    type: "button", "aria-label": `Remove ${choice.label}`,
    onclick: (event) => (event.stopPropagation(), choose(chosen.filter((each) => each !== choice))),
  }, icon("close")));

  function keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!floating.open) open();
      else if (shownChoices.length) move((active + step + shownChoices.length) % shownChoices.length);
    } else if (event.key === "Enter") {
      // Enter chooses; it never sends the form around the picker.
      event.preventDefault();
      if (floating.open && shownChoices[active]) take(shownChoices[active].choice);
      else open();
    } else if (event.key === "Escape" && floating.open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && many && !input.value && chosen.length) {
      choose(chosen.slice(0, -1));
    } else if (event.key === "Tab") close();
  }

  draw();
  return {
    node,
    input,
    get: () => chosen,
    set: (choices) => {
      chosen = choices;
      draw();
    },
  };
}
