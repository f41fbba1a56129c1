// The page of the billing stand-in: customers, what may happen to each, and the events that tell of it.

import { append, el, uniqueId } from "./dom.js";
import { groups } from "./ways.js";

const $ = (id) => document.getElementById(id);
const EVERY = 2500;
const TYPING = 160;
const STATUS = {
  active: ["Active", "good"], trialing: ["On trial", "good"], past_due: ["Past due", "danger"], unpaid: ["Unpaid", "danger"],
  incomplete: ["Never paid", "danger"], paused: ["Paused", "warn"], canceled: ["Left", "muted"],
};

async function ask(path, body) {
  try {
    const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`/_ctl/${path}`, { ...options, signal: AbortSignal.timeout(20_000) });
    return await response.json();
  } catch {
    return { error: "The billing stand-in does not answer; is the demo still running?" };
  }
}

const day = (seconds) => new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

function say(text, isError = false) {
  $("said").replaceChildren(el("p", { class: isError ? "error" : "" }, text));
  clearTimeout(say.timer);
  if (!isError) say.timer = setTimeout(() => $("said").replaceChildren(), 7000);
}

const chosen = () => decodeURIComponent(location.hash.slice(1));

function badge(customer) {
  const [words, tone] = customer.ends && customer.status !== "canceled" ? [`Ends ${day(customer.ends)}`, "warn"] : STATUS[customer.status] ?? [customer.status, "muted"];
  return el("span", { class: `badge ${tone}` }, words);
}

let asked = 0;

async function list() {
  asked += 1;
  const mine = asked;
  const found = await ask(`customers?${new URLSearchParams({ query: $("query").value })}`);
  if (mine !== asked || found.error) return;
  const shown = found.customers.length;
  $("found").textContent = shown < found.total ? `The ${shown} most valuable of ${found.total}` : `${found.total} found`;
  const focused = document.activeElement?.closest("#customers a")?.getAttribute("href");
  $("customers").replaceChildren(...found.customers.map((customer) => el("li", {}, el("a", {
    href: `#${customer.id}`, "aria-current": customer.id === chosen() ? "true" : null,
  }, el("span", { class: "line" }, el("bdi", { class: "name" }, customer.name), el("span", { class: "amount" }, customer.mrr)),
  el("span", { class: "line" }, el("small", {}, customer.plan || "No subscription"), badge(customer))))));
  if (focused) [...$("customers").querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus();
}

function field(spec) {
  const id = uniqueId("field");
  const control = spec.options
    ? el("select", { id, name: spec.name }, spec.options.map(([value, words]) => el("option", { value }, words)))
    : el("input", { id, name: spec.name, type: spec.number ? "number" : "text", min: spec.number ? 1 : null, required: spec.number, value: spec.value, autocomplete: "off" });
  return el("div", { class: spec.wide ? "field wide" : "field" }, el("label", { for: id }, spec.label), control);
}

function way(spec, customer) {
  const may = (one) => one && customer.choices.includes(one.verb);
  const offered = [spec, spec.also].filter(may);
  if (!offered.length) return null;
  const form = el("form", { class: "way", onsubmit: (event) => {
    event.preventDefault();
    act(offered.find((one) => one.verb === event.submitter?.value) ?? offered[0], spec, customer, form);
  } }, (spec.fields ?? []).map(field), el("div", { class: "buttons" }, offered.map((one) => el("button", {
    type: "submit", class: one.danger ? "button danger" : "button", value: one.verb, data: { verb: one.verb },
  }, one.label))));
  return form;
}

function group(spec, customer) {
  const ways = spec.ways.map((one) => way(one, customer)).filter(Boolean);
  return ways.length > 0 && el("section", { class: "group" }, el("h2", {}, spec.title), el("p", { class: "muted small" }, spec.about), el("div", { class: "ways" }, ways));
}

async function act(one, spec, customer, form) {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const given = Object.fromEntries((spec.fields ?? []).map((each) => {
    const { value } = form.elements.namedItem(each.name);
    return [each.name, each.number ? Number(value) : value];
  }));
  const answer = await ask("story", { verb: one.verb, customer: customer.id, ...spec.extra, ...given });
  form.removeAttribute("aria-busy");
  if (answer.error) return say(answer.error, true);
  say(`${one.told}: ${customer.name}. Kahvi hears of it within seconds.`);
  await Promise.all([draw(one.verb), list(), events()]);
  return undefined;
}

const fact = (term, words) => words && el("div", {}, el("dt", {}, term), el("dd", {}, words));

function facts(customer) {
  const { card } = customer;
  const cardWords = card && `${card.words}, ${card.over ? "expired" : "expires"} ${card.expires}${card.declines ? "; declines" : ""}`;
  return el("dl", { class: "facts" },
    fact("MRR", customer.mrr), fact("Plan", customer.plan),
    fact(customer.ends ? "Ends" : "Renews", customer.renews && day(customer.ends ?? customer.renews)),
    fact("Owes", customer.owes && `${customer.owes}${customer.retries ? `, tried again ${day(customer.retries)}` : ""}`),
    fact("Card", cardWords), fact("Discount", customer.discounts.map((each) => each.name + (each.ends ? `, until ${day(each.ends)}` : "")).join("; ")),
    fact("Owner", customer.owner), fact("E-mail", customer.email), fact("Id", el("code", {}, customer.id)));
}

/** Draws the chosen customer; `verb` is what has just been done, whose place keeps the focus. */
async function draw(verb) {
  const id = chosen();
  $("shell").classList.toggle("one", Boolean(id));
  for (const each of $("customers").querySelectorAll("a")) {
    if (each.getAttribute("href") === `#${id}`) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  }
  if (!id) return $("customer").replaceChildren(el("p", { class: "nothing" }, "Choose a customer to change what it pays, and watch Kahvi react in Slack."));
  const customer = await ask(`customer?${new URLSearchParams({ id })}`);
  if (id !== chosen()) return undefined;
  if (customer.error) return $("customer").replaceChildren(el("p", { class: "nothing" }, customer.error));
  document.title = `${customer.name} · Billing stand-in`;
  $("customer").replaceChildren();
  append($("customer"), [
    el("a", { class: "back", href: "#" }, "All customers"),
    el("header", {}, el("h1", {}, el("bdi", {}, customer.name)), badge(customer)), facts(customer),
    el("div", { class: "groups" }, groups(customer).map((each) => group(each, customer)))]);
  if (verb) ($("customer").querySelector(`[data-verb="${verb}"]`) ?? $("customer")).focus();
  return undefined;
}

let newest = "";

async function events() {
  const told = await ask("happened");
  if (told.error || told.events[0]?.id === newest) return;
  const known = newest;
  newest = told.events[0]?.id ?? "";
  const fresh = known ? told.events.findIndex((event) => event.id === known) : 0;
  $("events").replaceChildren(...told.events.map((event, at) => el("li", { class: at < fresh ? "fresh" : null },
    el("code", {}, event.type), el("span", { class: "about" },
      event.name ? el("a", { href: `#${event.customer}` }, el("bdi", {}, event.name)) : "", ` ${day(event.at)}, ${time(event.at)}`))));
}

async function start() {
  let waiting = 0;
  $("query").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(list, TYPING);
  });
  addEventListener("hashchange", async () => {
    await draw();
    $("customer").focus();
    $("customer").scrollTop = 0;
  });
  const about = await ask("about");
  if (about.error) return say(about.error, true);
  $("company").textContent = `${about.name} billing`;
  document.title = `${about.name} · Billing stand-in`;
  if (about.beside) {
    $("beside").href = about.beside;
    $("beside").hidden = false;
  }
  await Promise.all([list(), draw(), events()]);
  setInterval(() => document.visibilityState === "visible" && events(), EVERY);
  return undefined;
}

start();
