import { controlOf } from "./controls.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { typedValue, valuesOf } from "./options.js";

/** The controls of a form, ready to be put into a window, and what they say. */
export function formElement(form, { words, submit, given = {}, label = words.run, without = [] }) {
  const fields = form.fields.filter(({ kind, name }) => kind !== "job" && !without.includes(name));
  const controls = fields.map((field) => controlOf(field, words, () => {}));
  for (const control of controls) control.set?.(given[control.name]);
  const onSubmit = (event) => {
    event.preventDefault();
    const data = new FormData();
    for (const [name, value] of Object.entries(valuesOf(controls))) data.set(name, typedValue(value));
    submit(data);
  };
  const grid = el("div", { className: "options" }, ...controls.map(({ node }) => node));
  const button = el("button", { type: "submit", className: "action primary" }, label);
  return el("form", { autocomplete: "off", on: { submit: onSubmit } }, grid, button);
}

/** Asks for what a command wants to know; `submit` is given the filled form. */
export function openForm(form, { words, submit, given }) {
  const send = (data) => {
    dialog.close();
    submit(data);
  };
  const dialog = openDialog(
    { title: `/${form.title}`, close: words.close },
    el("p", { className: "note" }, form.summary),
    formElement(form, { words, submit: send, given }),
  );
}
