import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";

/** Asks for the operator's password until `prove(password)` takes it; false when the window is closed instead. */
export function askPassword(words, prove) {
  const { promise, resolve } = Promise.withResolvers();
  const input = el("input", { type: "password", autocomplete: "current-password", required: true });
  const complaint = el("p", { role: "alert" });
  const send = el("button", { type: "submit", className: "action primary" }, words.signIn);
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      await prove(input.value);
      resolve(true);
      dialog.close();
    } catch (error) {
      complaint.textContent = /** @type {{ sentence?: string }} */ (error).sentence ?? String(error);
      input.select();
    }
    send.disabled = false;
  };
  const label = el("label", { className: "option" }, el("span", {}, words.password), input);
  const buttons = el("div", { className: "buttons" }, send);
  const form = el("form", { on: { submit } }, el("p", {}, words.againHint), label, complaint, buttons);
  const onClose = () => resolve(false);
  const dialog = openDialog({ title: words.again, close: words.close, className: "question", onClose }, form);
  input.focus();
  return promise;
}
