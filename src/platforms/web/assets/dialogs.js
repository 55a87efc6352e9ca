import { el } from "./dom.js";
import { icon } from "./icons.js";

let opened = 0;

/** Opens a window over the page until it is closed; Escape, its cross and a press beside it close it. */
export function openDialog({ title, close, className = "", onClose = () => {} }, ...children) {
  const heading = el("h2", { id: `dialog-${opened++}` }, title);
  const dialog = el("dialog", { className: `window ${className}`, "aria-labelledby": heading.id });
  const cross = { type: "button", className: "round", title: close, "aria-label": close };
  const button = el("button", { ...cross, on: { click: () => dialog.close() } }, icon("close"));
  dialog.append(el("header", {}, heading, button), ...children);
  dialog.addEventListener("mousedown", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks one question; true when it is answered with `yes`. */
export function ask({ title, sentences, yes, no, style = "primary" }) {
  return new Promise((resolve) => {
    const choose = (chosen) => () => {
      resolve(chosen); // here, as the event of closing comes later, and a key that is pressed meanwhile counts
      dialog.close();
    };
    const button = (label, kind, chosen) =>
      el("button", { type: "button", className: `action ${kind}`, on: { click: choose(chosen) } }, label);
    const buttons = el("div", { className: "buttons" }, button(yes, style, true), button(no, "plain", false));
    const paragraphs = sentences.map((sentence) => el("p", {}, sentence));
    const onClose = () => resolve(false);
    const dialog = openDialog({ title, close: no, className: "question", onClose }, ...paragraphs, buttons);
    buttons.firstChild.focus();
  });
}
