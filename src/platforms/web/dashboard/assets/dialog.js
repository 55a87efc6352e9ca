import { byId, el } from "../../assets/dom.js";
import { Failed, newKey } from "../../assets/request.js";
import { act } from "./api.js";
import { announce } from "./live.js";
import { words } from "./words.js";

/**
 * @typedef {{ title: string, hint?: string, fields?: any[], yes: string, action: string, body: (given: any) => object,
 *   danger?: boolean }} Question
 */

/**
 * Asks before something is done, with `fields` of `{ name, label, type?, value?, required?, min?, max? }`; `body` makes the
 * action's body from the answers. True once it is done; what is refused is said in the dialog, and may be tried again.
 * @param {Question} asked
 */
export function ask({ title, hint, fields = [], yes, action, body, danger = false }) {
  const dialog = byId("dialog");
  const key = newKey(); // of this press: sent twice, it is done once
  const inputs = fields.map((field) => labelled(field));
  const complaint = el("p", { role: "alert", className: "bad" });
  const send = el("button", { type: "submit", className: `action primary${danger ? " danger" : ""}` }, yes);
  const leave = el(
    "button",
    { type: "button", className: "action", on: { click: () => dialog.close() } },
    words.cancel,
  );
  const heading = el("h2", { id: "dialog-title" }, title);
  const form = el(
    "form",
    { method: "dialog" },
    heading,
    hint && el("p", { className: "note" }, hint),
    ...inputs,
    complaint,
  );
  form.append(el("div", { className: "actions" }, send, leave));
  const done = Promise.withResolvers();
  let isDone = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      await act(action, body(Object.fromEntries(new FormData(form))), key);
      isDone = true;
      announce(words.done);
      dialog.close();
    } catch (error) {
      complaint.textContent = sentenceOf(error);
    }
    send.disabled = false;
  });
  open(dialog, heading.id, form);
  dialog.addEventListener("close", () => done.resolve(isDone), { once: true });
  return done.promise;
}

/** Shows something until it is closed. */
export function show(title, ...content) {
  const dialog = byId("dialog");
  const heading = el("h2", { id: "dialog-title" }, title);
  const close = el("button", { type: "button", className: "action", on: { click: () => dialog.close() } }, words.close);
  open(dialog, heading.id, el("div", {}, heading, ...content, el("div", { className: "actions" }, close)));
}

/** The sentence of an action that failed. */
export function sentenceOf(error) {
  if (!(error instanceof Failed)) throw error;
  return error.sentence;
}

/** A control with its label; `value` as it is now. */
export function labelled({ name, label, type = "text", value = "", required = false, ...more }) {
  const input = el("input", { name, type, value, required, autocomplete: "off", ...more });
  return el("label", { className: "field" }, el("span", {}, label), input);
}

/** Credits, or null for an empty field. */
export const amountOf = (text) => (text.trim() === "" ? null : Number(text));

function open(dialog, title, content) {
  dialog.setAttribute("aria-labelledby", title);
  dialog.replaceChildren(content);
  dialog.showModal();
}
