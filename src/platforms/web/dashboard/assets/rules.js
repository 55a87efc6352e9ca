import { el } from "../../assets/dom.js";
import { amountOf, labelled } from "./dialog.js";
import { words } from "./words.js";

const lists = ["channels", "roles", "blockedMembers", "blockedWords"];
const usual = ["size", "quality", "count", "format", "background", "compression", "fidelity", "provider"];
const numbers = ["count", "compression"];

/** A list is written with one item on each line. */
export function listFields(rules) {
  return lists.map((name) => {
    const area = el("textarea", { name, rows: Math.min(8, rules[name].length + 2), value: rules[name].join("\n") });
    return el("label", { className: "field" }, el("span", {}, words.tenants[name]), area);
  });
}

export function defaultsFields({ defaults }) {
  return usual.map((name) =>
    labelled({
      name,
      label: words.tenants[name],
      value: defaults[name] ?? "",
      maxLength: 60,
      type: numbers.includes(name) ? "number" : "text",
    }),
  );
}

/** Returns what is different in the form from the rules as they were: what others change meanwhile stays. */
export function rulesBody(form, before) {
  const given = new FormData(form);
  const after = {
    ...Object.fromEntries(lists.map((name) => [name, linesOf(given.get(name))])),
    memberDaily: amountOf(given.get("memberDaily")),
    monthly: amountOf(given.get("monthly")),
    spoiler: given.has("spoiler"),
    mature: given.has("mature"),
  };
  const defaults = {
    ...Object.fromEntries(usual.map((name) => [name, defaultOf(name, given.get(name))])),
    drafts: given.has("drafts") || null,
  };
  const change = different(after, before);
  const changedDefaults = different(defaults, before.defaults);
  return Object.keys(changedDefaults).length === 0 ? change : { ...change, defaults: changedDefaults };
}

function different(after, before) {
  const entries = Object.entries(after);
  return Object.fromEntries(
    entries.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name] ?? null)),
  );
}

function defaultOf(name, text) {
  if (numbers.includes(name)) return amountOf(text);
  return text.trim() === "" ? null : text.trim();
}

function linesOf(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
