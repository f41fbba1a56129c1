// Short notes from the workspace itself: a command that timed out, a connection that went away.

import { el, iconButton } from "./dom.js";

const SHOWN = 7000;
const PROBLEMS = {
  no_connection: "The playground's server does not answer; is it still running?",
  timeout: "The playground's server took too long to answer.",
  operation_timeout: "The app did not answer within 3 seconds (operation_timeout).",
  clock_is_moving: "Time is passing already; wait for a moment.",
  dispatch_failed: "No app is connected to answer (dispatch_failed).",
};

export const problemOf = (error) => PROBLEMS[error] ?? `That did not work (${error ?? "unknown_error"}).`;

let told = -Infinity;

/** Shows a note; errors stay until they are closed. */
export function notify(level, text) {
  if (level === "error") told = performance.now();
  const place = document.getElementById("notices");
  [...place.children].find((node) => node.dataset.text === text)?.remove();
  const node = el("div", { class: `notice ${level}`, data: { text }, role: level === "error" ? "alert" : null },
    el("span", {}, text), iconButton("close", "Close this note", () => node.remove()));
  place.append(node);
  // A modal makes the rest of the page inert and covers it: the top layer keeps the notes readable.
  place.setAttribute("popover", "manual");
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
  if (level !== "error") setTimeout(() => node.remove(), SHOWN);
}

/** Tells of a failed request, unless the server has just said in better words what failed. */
export function failed(error) {
  setTimeout(() => performance.now() - told < 500 || notify("error", problemOf(error)), 100);
}
