// The small dialog that asks "are you sure?".

import { el } from "./dom.js";
import { textNodes, textWords } from "./mrkdwn.js";

/** Asks before something irreversible; true when the reader agrees. */
export function confirmed(spec) {
  return new Promise((resolve) => {
    const box = el("dialog", { class: "modal confirm", "aria-labelledby": "confirm-title", onclose: () => {
      box.remove();
      resolve(box.returnValue === "yes");
    } }, el("form", { method: "dialog", class: "modal-form" },
      el("header", { class: "modal-head" }, el("h2", { id: "confirm-title" }, textWords(spec.title) || "Are you sure?")),
      el("div", { class: "modal-body text" }, textNodes(spec.text)),
      el("footer", { class: "modal-foot" },
        el("button", { class: "button", value: "no" }, textWords(spec.deny) || "Cancel"),
        el("button", { class: `button ${spec.style === "danger" ? "danger solid" : "primary"}`, value: "yes" }, textWords(spec.confirm) || "Yes"))));
    document.body.append(box);
    box.showModal();
  });
}
