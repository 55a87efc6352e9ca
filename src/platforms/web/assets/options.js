import { controlOf } from "./controls.js";
import { byId, el } from "./dom.js";
import { icon } from "./icons.js";

/** The controls of a form besides its words and images: whatever is left at its default is not sent. */
export function createOptions({ words, onChange }) {
  const panel = byId("options");
  const toggle = byId("options-toggle");
  const label = el("span");
  let controls = [];
  toggle.append(icon("options"), label);
  toggle.addEventListener("click", () => open(panel.hidden));
  panel.addEventListener("input", changed);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open(false);
    toggle.focus();
  });

  function open(shown) {
    panel.hidden = !shown;
    toggle.setAttribute("aria-expanded", String(shown));
  }

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
      controls = fields.map((field) => controlFor(field, before.get(field.name), { words, changed }));
      panel.replaceChildren(...controls.map((control) => control.node));
      toggle.hidden = controls.length === 0;
      changed();
    },
    /** By field name; strings, numbers, booleans and files. */
    values: () => valuesOf(controls),
    /** Puts a file that was made on the page into a field. */
    setFile(name, file) {
      controls.find((control) => control.name === name).setFile(file);
      changed();
    },
    /** Forgets files: they belong to one message. */
    clearFiles() {
      for (const control of controls) control.clearFile?.();
      changed();
    },
  };
}

/** The control that stands there already, unless the field offers something else now; then what was chosen stays. */
function controlFor(field, standing, { words, changed }) {
  const offer = JSON.stringify(field.choices);
  if (standing && standing.offer === offer) return standing;
  const control = { ...controlOf(field, words, changed), offer };
  if (standing && "set" in control) control.set(standing.value());
  return control;
}

/** Returns the chosen values, by field name. */
export function valuesOf(controls) {
  const values = controls.map((control) => [control.name, control.value()]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** Writes what was chosen as the server reads it. */
export function typedValue(value) {
  return value === true ? "yes" : value === false ? "no" : value;
}
