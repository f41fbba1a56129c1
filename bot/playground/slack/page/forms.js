// The inputs of one message or view: their values as Slack's `state.values`, their errors, and what a redraw must keep.

import { el, uniqueId } from "./dom.js";

const key = (block, action) => JSON.stringify([block, action]);

export class Form {
  #fields = new Map();
  #slots = new Map();

  /** A field is `{ type, read, write }`: `read` gives the state's entry, `write` takes one. */
  add(block, action, field) {
    this.#fields.set(key(block, action), field);
  }

  /** Where an error of this block is shown. */
  addSlot(block, slot) {
    this.#slots.set(block, slot);
  }

  values() {
    const values = {};
    for (const [name, field] of this.#fields) {
      const [block, action] = JSON.parse(name);
      (values[block] ??= {})[action] = { type: field.type, ...field.read() };
    }
    return values;
  }

  /** Takes over what was typed into another form, wherever block, action and type are the same. */
  keep(values) {
    for (const [name, field] of this.#fields) {
      const [block, action] = JSON.parse(name);
      const old = values[block]?.[action];
      if (old?.type === field.type) field.write(old);
    }
  }

  clearErrors() {
    for (const slot of this.#slots.values()) {
      slot.error.hidden = true;
      slot.node.classList.remove("invalid");
      this.#mark(slot, false);
    }
  }

  /** Shows each message under its input and moves to the first; returns the messages that have no input here. */
  showErrors(errors) {
    this.clearErrors();
    const invalid = [...this.#slots].filter(([block]) => block in errors);
    for (const [block, slot] of invalid) {
      slot.error.textContent = errors[block];
      slot.error.hidden = false;
      slot.node.classList.add("invalid");
      this.#mark(slot, true);
    }
    const first = invalid[0]?.[1].node;
    first?.scrollIntoView({ block: "center" });
    first?.querySelector("input, textarea, button")?.focus();
    return Object.keys(errors).filter((block) => !this.#slots.has(block)).map((block) => errors[block]);
  }

  #mark(slot, invalid) {
    for (const input of slot.node.querySelectorAll("input, textarea")) {
      if (invalid) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
}

/** The frame of an input block: label, element, hint, and the place of its error. */
export function inputFrame({ label, hint, optional, element, blockId, form, group }) {
  const ids = { label: uniqueId("label"), hint: uniqueId("hint"), error: uniqueId("error") };
  const error = el("p", { class: "error", id: ids.error, role: "alert", hidden: true });
  const hintNode = hint.length > 0 && el("p", { class: "hint", id: ids.hint }, hint);
  const target = element.matches?.("input, textarea") ? element : element.querySelector?.("input, textarea");
  const node = el("div", { class: "input-block", role: group ? "group" : null, "aria-labelledby": group ? ids.label : null });
  const described = [hintNode && ids.hint, ids.error].filter(Boolean).join(" ");
  if (group) node.setAttribute("aria-describedby", described);
  else if (target) {
    target.id ||= uniqueId("input");
    target.removeAttribute("aria-label");
    target.setAttribute("aria-describedby", described);
    if (!optional) target.setAttribute("aria-required", "true");
  }
  const caption = [label, optional && el("span", { class: "optional" }, " (optional)")];
  node.append(group || !target
    ? el("span", { class: "label", id: ids.label }, caption)
    : el("label", { class: "label", id: ids.label, for: target.id }, caption), element, ...(hintNode ? [hintNode] : []), error);
  form.addSlot(blockId, { node, error });
  return node;
}
