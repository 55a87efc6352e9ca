import { byId, el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** The controls of a form besides its words and images: whatever is left at its default is not sent. */
export function createOptions({ words, onChange }) {
  const panel = byId("options");
  const toggle = byId("options-toggle");
  const label = el("span");
  let controls = [];
  toggle.append(icon("options"), label);
  toggle.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    toggle.setAttribute("aria-expanded", String(!panel.hidden));
  });
  panel.addEventListener("input", changed);

  function changed() {
    const chosen = controls.map((control) => control.summary()).filter(Boolean);
    label.textContent = chosen.length > 0 ? chosen.join(" · ") : words.options;
    toggle.classList.toggle("chosen", chosen.length > 0);
    onChange();
  }

  return {
    /** Shows the controls of these fields; what was chosen for a field of the same name stays. */
    show(fields) {
      const before = new Map(controls.map((control) => [control.name, control]));
      controls = fields.map((field) => before.get(field.name) ?? controlOf(field, words, changed));
      panel.replaceChildren(...controls.map((control) => control.node));
      toggle.hidden = controls.length === 0;
      changed();
    },
    /** By field name; strings, numbers, booleans and files. */
    values: () =>
      Object.fromEntries(
        controls.map((control) => [control.name, control.value()]).filter(([, value]) => value !== undefined),
      ),
    /** Forgets files: they belong to one message. */
    clearFiles() {
      for (const control of controls) control.clearFile?.();
      changed();
    },
  };
}

function controlOf(field, words, changed) {
  switch (field.kind) {
    case "integer":
      return integerControl(field, words);
    case "choice":
      return choiceControl(field, words);
    case "yes-no":
      return yesNoControl(field);
    case "image":
      return imageControl(field, words, changed);
    default:
      return textControl(field);
  }
}

function labelled({ label, hint }, ...inputs) {
  return el("label", { className: "option", title: hint }, el("span", {}, label), ...inputs);
}

function textControl(field) {
  const input = el("input", { type: "text", name: field.name, maxLength: field.maxLength, placeholder: field.hint });
  const value = () => input.value || undefined;
  return { name: field.name, node: labelled(field, input), value, summary: value };
}

function integerControl(field, words) {
  const numbers = Array.from({ length: field.max - field.min + 1 }, (_, n) => String(field.min + n));
  const select = selectOf(field.name, [["", words.unset], ...numbers.map((number) => [number, number])]);
  const value = () => (select.value === "" ? undefined : Number(select.value));
  return { name: field.name, node: labelled(field, select), value, summary: () => value() && `×${value()}` };
}

function choiceControl(field, words) {
  const choices = field.choices.map(({ value, label }) => [value, label]);
  if (field.open) return openChoiceControl(field, words, choices);
  const select = selectOf(field.name, [["", words.unset], ...choices]);
  const value = () => select.value || undefined;
  return { name: field.name, node: labelled(field, select), value, summary: value };
}

/** Its last entry asks for the text. */
function openChoiceControl(field, words, choices) {
  const other = "other…";
  const select = selectOf(field.name, [["", words.unset], ...choices, [other, words.other]]);
  const name = fill(words.otherValue, field);
  const typed = el("input", { type: "text", placeholder: field.hint, hidden: true, "aria-label": name });
  select.addEventListener("input", () => {
    typed.hidden = select.value !== other;
    if (!typed.hidden) typed.focus();
  });
  const value = () => (select.value === other ? typed.value.trim() : select.value) || undefined;
  return { name: field.name, node: labelled(field, select, typed), value, summary: value };
}

function yesNoControl(field) {
  const input = el("input", { type: "checkbox", name: field.name });
  const node = labelled(field, el("span", { className: "check" }, input, el("span", {}, field.hint)));
  const summary = () => (input.checked ? field.label : undefined);
  return { name: field.name, node, value: () => input.checked || undefined, summary };
}

/** One file, by a button in the page's own language. */
function imageControl(field, words, changed) {
  const input = el("input", {
    type: "file",
    name: field.name,
    accept: "image/png,image/jpeg,image/webp",
    hidden: true,
  });
  const choose = el("button", { type: "button", className: "action plain", on: { click: () => input.click() } });
  const forget = fill(words.remove, { name: field.label });
  const remove = el(
    "button",
    { type: "button", className: "round small", title: forget, "aria-label": forget },
    icon("close"),
  );
  const clearFile = () => {
    input.value = "";
    show();
  };
  const show = () => {
    choose.textContent = input.files[0]?.name ?? words.choose;
    remove.hidden = input.files.length === 0;
  };
  input.addEventListener("change", show);
  remove.addEventListener("click", () => {
    clearFile();
    changed();
  });
  show();
  const title = el("span", { id: `option-${field.name}` }, field.label);
  const group = { className: "option", role: "group", title: field.hint, "aria-labelledby": title.id };
  const node = el("div", group, title, el("span", { className: "file" }, input, choose, remove));
  const summary = () => (input.files[0] ? field.label : undefined);
  return { name: field.name, node, value: () => input.files[0], summary, clearFile };
}

function selectOf(name, entries) {
  return el("select", { name }, ...entries.map(([value, text]) => el("option", { value }, text)));
}
