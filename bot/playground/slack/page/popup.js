// Lists and menus that float over the page, even out of a dialog or a scrolling pane.

import { el } from "./dom.js";

const GAP = 4;
const EDGE = 8;

function place(node, anchor, { match, up, end }) {
  const at = anchor.getBoundingClientRect();
  if (match) node.style.setProperty("width", `${at.width}px`);
  const below = innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const upwards = up ? above > 120 : node.offsetHeight > below && above > below;
  node.style.setProperty("max-height", `${Math.min(upwards ? above : below, 320)}px`);
  const top = upwards ? at.top - GAP - node.offsetHeight : at.bottom + GAP;
  const left = end ? at.right - node.offsetWidth : at.left;
  node.style.setProperty("top", `${Math.max(EDGE, top)}px`);
  node.style.setProperty("left", `${Math.min(Math.max(EDGE, left), innerWidth - node.offsetWidth - EDGE)}px`);
}

/**
 * A popup tied to its anchor. `match` gives it the anchor's width, `up` prefers the room above, `end` aligns right edges.
 * `closed` runs whenever it goes away, for whatever reason.
 */
export function popup(node, anchor, { closed, ...where } = {}) {
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) hide();
  };
  const moved = (event) => {
    if (!node.contains(event.target)) replace();
  };
  const replace = () => {
    if (!anchor.isConnected) hide();
    else if (api.open) place(node, anchor, where);
  };
  const hide = () => {
    if (!api.open) return;
    api.open = false;
    node.remove();
    for (const [name, run] of listeners) removeEventListener(name, run, true);
    closed?.();
  };
  const listeners = [["pointerdown", outside], ["scroll", moved], ["resize", replace]];
  const api = {
    open: false,
    hide,
    replace,
    show() {
      if (api.open) return replace();
      api.open = true;
      node.setAttribute("popover", "manual");
      // Inside the dialog it belongs to: everything else is inert while a dialog is open.
      (anchor.closest("dialog") ?? document.body).append(node);
      node.showPopover();
      for (const [name, run] of listeners) addEventListener(name, run, true);
      return replace();
    },
  };
  return api;
}

/** A small menu of choices under a button: `[{ label, detail, run }]`; with `checked` they are one choice of many. */
export function menu(button, label, choices) {
  const items = choices.map((choice) => el("button", {
    type: "button", role: choice.checked === undefined ? "menuitem" : "menuitemradio", tabindex: "-1",
    "aria-checked": choice.checked === undefined ? null : String(choice.checked), class: choice.danger ? "danger" : null,
    onclick: () => {
      shown.hide();
      button.focus();
      choice.run();
    },
  }, el("span", { class: "choice" }, choice.label), choice.detail && el("small", {}, choice.detail)));
  const node = el("div", { class: "popup menu", role: "menu", "aria-label": label, onkeydown: (event) => keys(event) }, items);
  const shown = popup(node, button, { end: true, closed: () => button.setAttribute("aria-expanded", "false") });
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      shown.hide();
      button.focus();
    }
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  };
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    if (shown.open) return shown.hide();
    shown.show();
    button.setAttribute("aria-expanded", "true");
    return items[0]?.focus();
  });
  return button;
}
