// Short notes from the workspace itself: a command that timed out, a connection that went away.

import { el, iconButton } from "./dom.js";

const SHOWN = 7000;

const PROBLEMS = {
  no_connection: "The playground's server does not answer; is it still running?",
  timeout: "The playground's server took too long to answer.",
  operation_timeout: "The app did not answer within 3 seconds (operation_timeout).",
};

export const problemOf = (error) => PROBLEMS[error] ?? `That did not work (${error ?? "unknown_error"}).`;

/** Shows a note; errors stay until they are closed. */
export function notify(level, text) {
  const place = document.getElementById("notices");
  const repeated = [...place.children].find((node) => node.dataset.text === text);
  repeated?.remove();
  const node = el("div", { class: `notice ${level}`, data: { text }, role: level === "error" ? "alert" : null },
    el("span", {}, text), iconButton("close", "Close this note", () => node.remove()));
  place.append(node);
  // A modal makes the rest of the page inert and covers it: the top layer keeps the notes readable.
  place.setAttribute("popover", "manual");
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
  if (level !== "error") setTimeout(() => node.remove(), SHOWN);
}
