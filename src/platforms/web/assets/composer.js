import { Attachments } from "./attachments.js";
import { byId, clip, el } from "./dom.js";
import { icon } from "./icons.js";
import { Menu } from "./menu.js";
import { createOptions } from "./options.js";
import { createPrice } from "./price.js";

/** True when a press of its button is not enough: something must be written first. */
export function needsWords(form) {
  return form.fields.some((field) => field.required && field.kind !== "job");
}

/** The words of a form, its images, and whatever else it asks. */
function partsOf({ fields }) {
  const text = fields.find((field) => field.kind === "text" && field.required);
  const images = fields.find((field) => field.kind === "images");
  const others = fields.filter((field) => field !== text && field !== images && field.kind !== "job");
  return { text, images, others };
}

/** Where messages are written. */
export class Composer {
  #prompt = byId("prompt");
  #page;
  #usual;
  #form;
  #target;
  #price;
  #attachments;
  #options;
  #menu;

  /** `words`, `limits`, `forms`, `send(message)` for what was written, and `run(form)` for a command that asks nothing. */
  constructor(page) {
    const { words, limits, forms, run } = page;
    const onChange = () => this.#changed();
    const choose = (form) => (needsWords(form) ? this.writeFor(form) : run(form));
    this.#page = page;
    this.#usual = forms.find((form) => form.entry === "typed" && needsWords(form));
    this.#price = createPrice({ words, draft: () => this.#draft() });
    this.#options = createOptions({ words, onChange });
    this.#attachments = new Attachments({ words, limits, onChange });
    this.#menu = new Menu({ forms, choose });
    byId("send").append(icon("send"));
    this.#listen();
    this.writeFor(this.#usual);
  }

  /** Addresses the composer to a command, and to the image `{ job, prompt, image }` that it is about. */
  writeFor(form, target) {
    this.#form = form;
    this.#target = target;
    const { text, images, others } = partsOf(form);
    this.#prompt.placeholder = target ? this.#page.words.changeHint : this.#page.words.promptHint;
    this.#prompt.maxLength = text.maxLength;
    this.#attachments.allow(images?.max ?? 0);
    this.#options.show(others);
    this.#showTarget();
    this.#prompt.focus();
  }

  write(text) {
    this.#prompt.value = text;
    this.#grow();
    this.#changed();
    this.#prompt.focus();
  }

  /** Puts back what was not accepted, unless something new stands there already. */
  giveBack({ form, target, prompt, attached }) {
    if (this.#prompt.value !== "") return;
    this.writeFor(form, target);
    this.#attachments.giveBack(attached);
    this.write(prompt);
  }

  #listen() {
    this.#prompt.addEventListener("input", () => {
      this.#grow();
      this.#changed();
    });
    this.#prompt.addEventListener("keydown", (event) => this.#onKey(event));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** On a telephone Enter makes a new line, as everywhere there. */
  #onKey(event) {
    if (event.isComposing || this.#menu.takesKey(event)) return;
    if (event.key === "Escape" && this.#target) this.writeFor(this.#usual);
    if (event.key !== "Enter" || event.shiftKey || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    if (this.#isEmpty()) return;
    const message = { form: this.#form, target: this.#target, prompt: this.#prompt.value, data: this.#data() };
    const attached = this.#attachments.take();
    this.#prompt.value = "";
    this.#options.clearFiles();
    this.writeFor(this.#usual);
    this.#grow();
    this.#page.send({ ...message, attached, thumbs: attached.map(({ thumb }) => thumb) });
  }

  #data() {
    const data = new FormData();
    const { text, images } = partsOf(this.#form);
    data.set(text.name, this.#prompt.value);
    if (this.#target) data.set("job", `${this.#target.job}:${this.#target.image.index}`);
    for (const [name, value] of Object.entries(this.#options.values())) data.set(name, value === true ? "yes" : value);
    for (const file of this.#attachments.files()) data.append(images.name, file);
    return data;
  }

  /** What is quoted: the words and options, and how many files. */
  #draft() {
    if (this.#isEmpty()) return undefined;
    const values = Object.entries(this.#options.values());
    const typed = values.filter(([, value]) => !(value instanceof File));
    const references = this.#attachments.files().length + (this.#target ? 1 : 0);
    const files = { references, masked: typed.length < values.length };
    return { ...Object.fromEntries(typed), prompt: this.#prompt.value, files };
  }

  #isEmpty() {
    return this.#prompt.value.trim() === "";
  }

  #changed() {
    byId("send").disabled = this.#isEmpty();
    this.#price.refresh();
  }

  #grow() {
    this.#prompt.style.height = "auto";
    this.#prompt.style.height = `${this.#prompt.scrollHeight}px`;
  }

  #showTarget() {
    const { words } = this.#page;
    const strip = byId("target");
    strip.hidden = this.#target === undefined;
    if (!this.#target) return strip.replaceChildren();
    const label = words.stopEditing;
    const click = () => this.writeFor(this.#usual);
    const stop = { type: "button", className: "round small", title: label, "aria-label": label, on: { click } };
    strip.replaceChildren(
      el("img", { src: this.#target.image.preview, alt: "" }),
      el("p", {}, el("b", {}, words.editing), el("span", {}, clip(this.#target.prompt, 80))),
      el("button", stop, icon("close")),
    );
  }
}
