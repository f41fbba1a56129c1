// Block Kit's interactive elements. Each draws itself, tells its value to the form, and tells the app when it is used.

import { api } from "./api.js";
import { confirmed } from "./confirm.js";
import { el, icon, safeUrl, uniqueId } from "./dom.js";
import { textNodes, textWords } from "./mrkdwn.js";
import { failed } from "./notices.js";
import { picker } from "./picker.js";
import { menu } from "./popup.js";
import { workspace } from "./workspace.js";

/** Sends one action and shows on `node` that it is under way; a second press meanwhile does nothing. */
async function act(spec, ctx, extra, node) {
  if (node?.getAttribute("aria-busy") === "true") return;
  if (spec.confirm && !(await confirmed(spec.confirm))) return;
  node?.setAttribute("aria-busy", "true");
  const action = { type: spec.type, action_id: spec.action_id, block_id: ctx.blockId, ...extra };
  const answer = await api.action({ container: ctx.container(), block_id: ctx.blockId, action, state: { values: ctx.form.values() } });
  node?.removeAttribute("aria-busy");
  if (!answer.ok) failed(answer.error);
}

function button(spec, ctx) {
  const href = spec.url && safeUrl(spec.url);
  const node = el(href ? "a" : "button", {
    class: `button ${spec.style ?? ""}`, type: href ? null : "button", href, target: href ? "_blank" : null,
    rel: href ? "noopener noreferrer" : null, "aria-label": spec.accessibility_label, data: { action: spec.action_id ?? "" },
    onclick: () => act(spec, ctx, { text: spec.text, value: spec.value }, node),
  }, el("span", {}, textNodes(spec.text)));
  return node;
}

function iconElement(spec, ctx) {
  const node = el("button", {
    class: "icon-button", type: "button", "aria-label": spec.accessibility_label ?? textWords(spec.text),
    onclick: () => act(spec, ctx, { value: spec.value }, node),
  }, icon(spec.icon === "trash" ? "trash" : "more"));
  return node;
}

function feedback(spec, ctx) {
  return el("span", { class: "feedback" },
    spec.positive_button && feedbackButton(spec, spec.positive_button, "up_thumb", ctx),
    spec.negative_button && feedbackButton(spec, spec.negative_button, "down_thumb", ctx));
}

function feedbackButton(spec, choice, sign, ctx) {
  const node = el("button", {
    class: "icon-button", type: "button", "aria-label": choice.accessibility_label ?? textWords(choice.text),
    onclick: () => act(spec, ctx, { text: choice.text, value: choice.value }, node),
  }, icon(sign));
  return node;
}

function overflow(spec, ctx) {
  const node = el("button", {
    class: "icon-button overflow", type: "button", "aria-label": "More actions", data: { action: spec.action_id ?? "" },
  }, icon("more"));
  return menu(node, "More actions", (spec.options ?? []).map((option) => ({
    label: textNodes(option.text),
    detail: option.description && textWords(option.description),
    run: () => {
      const href = option.url && safeUrl(option.url);
      if (href) open(href, "_blank", "noopener");
      act(spec, ctx, { selected_option: option }, node);
    },
  })));
}

const asChoice = (option) => ({
  value: option.value, label: textWords(option.text), detail: option.description && textWords(option.description), raw: option,
});

function groupsOf({ options, option_groups: groups }) {
  if (groups?.length) return groups.map((group) => ({ label: textWords(group.label), choices: group.options.map(asChoice) }));
  return [{ choices: (options ?? []).map(asChoice) }];
}

const person = (user) => ({ value: user.id, label: user.real_name || user.name, detail: user.is_bot ? "app" : `@${user.name}`, raw: user.id });

const place = (channel) => ({
  value: channel.id, label: channel.is_im ? workspace.channelName(channel) : `#${channel.name}`, raw: channel.id,
});

const SOURCES = {
  static: (spec) => () => groupsOf(spec),
  external: (spec, ctx) => async (words) => {
    const answer = await api.options({ container: ctx.container(), block_id: ctx.blockId, action_id: spec.action_id, value: words });
    if (answer.ok === false) failed(answer.error);
    return groupsOf(answer);
  },
  users: () => () => [{ choices: [...workspace.users.values()].map(person) }],
  conversations: () => () => [{ choices: workspace.channels.map(place) }],
  channels: () => () => [{ choices: workspace.channels.filter((channel) => !channel.is_im && !channel.is_private).map(place) }],
};

/** What each kind calls its value in the state, alone and in the plural, and its initial value. */
const VALUE_NAMES = { static: "option", external: "option", users: "user", conversations: "conversation", channels: "channel" };

function select(spec, ctx) {
  const many = spec.type.startsWith("multi_");
  const kind = spec.type.replace(/^multi_/, "").replace(/_select$/, "");
  const name = many ? `${VALUE_NAMES[kind]}s` : VALUE_NAMES[kind];
  const toChoice = (raw) => (typeof raw === "string" ? known(kind, raw) : asChoice(raw));
  const initial = spec[`initial_${name}`];
  const box = picker({
    load: SOURCES[kind](spec, ctx), remote: kind === "external", least: spec.min_query_length ?? (kind === "external" ? 3 : 0),
    many, most: spec.max_selected_items, placeholder: textWords(spec.placeholder) || "Choose…", label: textWords(spec.placeholder) || "Choose",
    selected: [initial ?? []].flat().map(toChoice), clearable: ctx.optional, changed: () => ctx.changed(spec, read(), box.node),
  });
  const read = () => {
    const raws = box.get().map((choice) => choice.raw);
    return { [`selected_${name}`]: many ? raws : raws[0] ?? null };
  };
  const write = (entry) => box.set([entry[`selected_${name}`] ?? []].flat().map(toChoice));
  ctx.form.add(ctx.blockId, spec.action_id, { type: spec.type, read, write });
  return box.node;
}

function known(kind, id) {
  if (kind === "users") return person(workspace.users.get(id) ?? { id, name: id });
  return place(workspace.channel(id) ?? { id, name: id });
}

const INPUT_TYPES = { email_text_input: "email", url_text_input: "url", number_input: "text" };

function textInput(spec, ctx) {
  const initial = spec.initial_value ?? "";
  const props = {
    class: "field", placeholder: textWords(spec.placeholder) || null, maxlength: spec.max_length, autocomplete: "off",
    "aria-label": textWords(spec.placeholder) || "Text", data: { action: spec.action_id ?? "" },
    onkeydown: (event) => enter(event),
    oninput: () => triggers.includes("on_character_entered") && ctx.changed(spec, read()),
  };
  const triggers = spec.dispatch_action_config?.trigger_actions_on ?? (spec.type === "plain_text_input" ? ["on_enter_pressed"] : []);
  const node = spec.multiline ? el("textarea", { ...props, rows: 4 }) : el("input", {
    ...props, type: INPUT_TYPES[spec.type] ?? "text", inputmode: spec.type === "number_input" ? "decimal" : null,
  });
  node.value = initial;
  const read = () => ({ value: node.value === "" ? null : node.value });
  const enter = (event) => {
    if (event.key !== "Enter" || spec.multiline || !ctx.dispatches || !triggers.includes("on_enter_pressed")) return;
    event.preventDefault();
    ctx.changed(spec, read(), node);
  };
  ctx.form.add(ctx.blockId, spec.action_id, { type: spec.type, read, write: (entry) => { node.value = entry.value ?? ""; } });
  return node;
}

const PICKERS = {
  timepicker: { type: "time", name: "time" },
  datepicker: { type: "date", name: "date" },
  datetimepicker: { type: "datetime-local", name: "date_time" },
};

const localStamp = (seconds) => {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

function timeInput(spec, ctx) {
  const { type, name } = PICKERS[spec.type];
  const stamped = name === "date_time";
  const toInput = (value) => (value === null || value === undefined ? "" : stamped ? localStamp(value) : value);
  const node = el("input", {
    class: "field compact", type, "aria-label": textWords(spec.placeholder) || type, data: { action: spec.action_id ?? "" },
    onchange: () => ctx.changed(spec, read(), node),
  });
  node.value = toInput(spec[`initial_${name}`]);
  const read = () => {
    const value = stamped && node.value ? Math.floor(new Date(node.value).getTime() / 1000) : node.value;
    return { [`selected_${name}`]: value || null };
  };
  ctx.form.add(ctx.blockId, spec.action_id, { type: spec.type, read, write: (entry) => { node.value = toInput(entry[`selected_${name}`]); } });
  return node;
}

function choices(spec, ctx) {
  const many = spec.type === "checkboxes";
  const group = uniqueId("choice");
  const initial = new Set((many ? spec.initial_options ?? [] : [spec.initial_option].filter(Boolean)).map((option) => option.value));
  const rows = (spec.options ?? []).map((option) => {
    const input = el("input", {
      type: many ? "checkbox" : "radio", name: group, checked: initial.has(option.value), data: { action: spec.action_id ?? "" },
      onchange: () => ctx.changed(spec, read(), node),
    });
    return { option, input, node: el("label", { class: "choice" }, input, el("span", {}, textNodes(option.text),
      option.description && el("small", {}, textNodes(option.description)))) };
  });
  const node = el("div", { class: "choices", role: many ? "group" : "radiogroup" }, rows.map((row) => row.node));
  const read = () => {
    const picked = rows.filter((row) => row.input.checked).map((row) => row.option);
    return many ? { selected_options: picked } : { selected_option: picked[0] ?? null };
  };
  const write = (entry) => {
    const values = new Set([entry.selected_options ?? entry.selected_option ?? []].flat().map((option) => option.value));
    rows.forEach((row) => { row.input.checked = values.has(row.option.value); });
  };
  ctx.form.add(ctx.blockId, spec.action_id, { type: spec.type, read, write });
  return node;
}

export function image(spec) {
  const address = spec.image_url ?? spec.slack_file?.url;
  const words = spec.alt_text ?? "";
  const node = el("img", { src: safeUrl(address) ?? null, alt: words, loading: "lazy", decoding: "async" });
  // The page fetches nothing from elsewhere, so an outside picture shows as its description.
  node.addEventListener("error", () => node.replaceWith(el("span", { class: "no-image" }, words || "Picture")));
  if (!safeUrl(address)) return el("span", { class: "no-image" }, words || "Picture");
  return node;
}

const ELEMENTS = {
  button,
  workflow_button: button,
  icon_button: iconElement,
  feedback_buttons: feedback,
  overflow,
  image,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  timepicker: timeInput,
  datepicker: timeInput,
  datetimepicker: timeInput,
  radio_buttons: choices,
  checkboxes: choices,
};

/** Draws one element. `dispatches` says whether a change goes to the app at once or waits for the form to be sent. */
export function element(spec, ctx, { dispatches = true, optional = true } = {}) {
  const draw = ELEMENTS[spec.type] ?? (/^(multi_)?(static|external|users|conversations|channels)_select$/.test(spec.type) ? select : null);
  if (!draw) return el("span", { class: "unknown" }, `[${spec.type}]`);
  const changed = (of, value, node) => dispatches && act(of, ctx, value, node);
  return draw(spec, { ...ctx, dispatches, optional, changed });
}

export const isGroup = (spec) => ["radio_buttons", "checkboxes"].includes(spec.type);
