import { el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** One file, by a button in the page's own language; `setFile` takes one that was made on the page. */
export function imageControl(field, words, changed) {
  let file;
  const accept = "image/png,image/jpeg,image/webp";
  const input = el("input", { type: "file", name: field.name, accept, hidden: true, "aria-label": field.label });
  const choose = el("button", { type: "button", className: "action plain", on: { click: () => input.click() } });
  const forget = fill(words.remove, { name: field.label });
  const cross = { type: "button", className: "round small", title: forget, "aria-label": forget };
  const remove = el("button", { ...cross, on: { click: () => take(undefined) } }, icon("close"));

  function show(given) {
    file = given;
    choose.textContent = file?.name ?? words.choose;
    remove.hidden = file === undefined;
  }

  function take(given) {
    show(given);
    changed();
  }

  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  show(undefined);
  const title = el("span", { id: `option-${field.name}` }, field.label);
  const group = { className: "option", role: "group", title: field.hint, "aria-labelledby": title.id };
  const node = el("div", group, title, el("span", { className: "file" }, input, choose, remove));
  const summary = () => file && field.label;
  return { name: field.name, node, value: () => file, summary, setFile: show, clearFile: () => show(undefined) };
}
