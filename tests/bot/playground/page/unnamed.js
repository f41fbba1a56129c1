// Every control in sight that a screen reader would call by no name, and every element that is wider than its place.
() => {
  const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0;
  const words = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const name = (node) => [
    node.getAttribute("aria-label"), words(node.getAttribute("aria-labelledby") ?? ""),
    [...(node.labels ?? [])].map((label) => label.textContent).join(" "), node.matches("button, a, summary") ? node.textContent : "",
  ].find((text) => text?.trim());
  const controls = [...document.querySelectorAll("button, a[href], input, select, textarea, summary, [tabindex='0']")].filter(seen);
  const unnamed = controls.filter((node) => !name(node)).map((node) => `no name: ${node.outerHTML.slice(0, 120)}`);
  // Nothing but a table may be scrolled sideways, and no control may stick out of the window.
  const scrolled = [...document.querySelectorAll("html, .bar, .scroll, .story, .sidebar, .shell, .list, main, aside")].filter(seen)
    .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => `too wide: ${node.id || node.className || node.tagName}`);
  const beyond = controls.filter((node) => !node.closest(".sr, .skip, table, .table-scroll") && !node.matches(".sr, .skip"))
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 || node.getBoundingClientRect().left < -1)
    .map((node) => `beyond the window: ${node.outerHTML.slice(0, 120)}`);
  return [...unnamed, ...scrolled, ...beyond];
}
