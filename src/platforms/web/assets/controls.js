import { el, fill } from "./dom.js";
import { imageControl } from "./image-control.js";

const longestList = 20;

/** A control for one field of a form: `value()` is undefined while nothing is chosen, `summary()` says what is. */
export function controlOf(field, words, changed) {
  switch (field.kind) {
    case "integer":
      return field.max - field.min < longestList ? countControl(field, words) : numberControl(field);
    case "choice":
      return choiceControl(field, words);
    case "yes-no":
      return yesNoControl(field, words);
    case "image":
    case "images": // in a window there is room for one
      return imageControl(field, words, changed);
    default:
      return textControl(field);
  }
}

function labelled({ label, hint }, ...inputs) {
  return el("label", { className: "option", title: hint }, el("span", {}, label), ...inputs);
}

function textControl(field) {
  const { name, maxLength, hint: placeholder, required, secret } = field;
  const kind = secret ? { type: "password", autocomplete: "off" } : { type: "text" };
  const input = el("input", { ...kind, name, maxLength, placeholder, required });
  const value = () => input.value || undefined;
  return { name, node: labelled(field, input), value, summary: value, set: (given) => set(input, given) };
}

function numberControl(field) {
  const { name, min, max, required } = field;
  const input = el("input", { type: "number", name, min, max, step: 1, required, inputMode: "numeric" });
  const value = () => (input.value === "" ? undefined : Number(input.value));
  return { name, node: labelled(field, input), value, summary: value, set: (given) => set(input, given) };
}

function countControl(field, words) {
  const numbers = Array.from({ length: field.max - field.min + 1 }, (_, n) => String(field.min + n));
  const select = selectOf(
    field,
    words,
    numbers.map((number) => [number, number]),
  ); // prettier than a number field
  const value = () => (select.value === "" ? undefined : Number(select.value));
  const summary = () => value() && `×${value()}`;
  return { name: field.name, node: labelled(field, select), value, summary, set: (given) => set(select, given) };
}

function choiceControl(field, words) {
  const choices = field.choices.map(({ value, label }) => [value, label]);
  if (field.open) return openChoiceControl(field, words, choices);
  const select = selectOf(field, words, choices);
  const value = () => select.value || undefined;
  return { name: field.name, node: labelled(field, select), value, summary: value, set: (given) => set(select, given) };
}

/** Its last entry asks for the text. */
function openChoiceControl(field, words, choices) {
  const other = "other…";
  const select = selectOf(field, words, [...choices, [other, words.other]]);
  const name = fill(words.otherValue, field);
  const typed = el("input", { type: "text", placeholder: field.hint, hidden: true, "aria-label": name });
  select.addEventListener("input", () => {
    typed.hidden = select.value !== other;
    if (!typed.hidden) typed.focus();
  });
  const value = () => (select.value === other ? typed.value.trim() : select.value) || undefined;
  const choose = (given = "") => {
    const listed = given === "" || choices.some(([choice]) => choice === given);
    select.value = listed ? given : other;
    typed.value = listed ? "" : given;
    typed.hidden = listed;
  };
  return { name: field.name, node: labelled(field, select, typed), value, summary: value, set: choose };
}

function yesNoControl(field, words) {
  const select = selectOf(field, words, [
    ["yes", words.yes],
    ["no", words.no],
  ]);
  const value = () => (select.value === "" ? undefined : select.value === "yes");
  const summary = () => (value() === false ? `${field.label}: ${words.no}` : value() && field.label);
  const choose = (given) => set(select, given === undefined ? undefined : given ? "yes" : "no");
  return { name: field.name, node: labelled(field, select), value, summary, set: choose };
}

function set(input, given = "") {
  input.value = given;
}

function selectOf({ name, required }, words, entries) {
  const options = [["", words.unset], ...entries].map(([value, text]) => el("option", { value }, text));
  return el("select", { name, required }, ...options);
}
