import { Attachments } from "./attachments.js";
import { ask } from "./dialogs.js";
import { byId } from "./dom.js";
import { draftKeeper } from "./draft.js";
import { imageFieldOf, needsWords, partsOf, savedNames, typedCommand } from "./forms.js";
import { icon } from "./icons.js";
import { createMarking } from "./marking.js";
import { Menu } from "./menu.js";
import { createOptions, typedValue } from "./options.js";
import { createPrice } from "./price.js";
import { showTarget } from "./target.js";

/** Takes the messages that are written. */
export class Composer {
  #prompt = byId("prompt");
  #kept = draftKeeper("atelier-draft");
  #page;
  #usual;
  #form;
  #target;
  #price;
  #attachments;
  #options;
  #menu;
  #saved;
  #marking;
  #literal = false;
  #sending = false;

  /**
   * `words`, `limits`, `forms`, `send(message)` for what was written, `choose(form, rest)` for other
   * commands, and `latest()` for what a change is about when nothing is said: the newest images, or undefined.
   */
  constructor(page) {
    const { words, limits, forms } = page;
    const onChange = () => this.#changed();
    const kept = this.#kept.read(); // before the empty composer is kept
    this.#page = page;
    this.#usual = forms.find((form) => form.entry === "typed" && needsWords(form));
    this.#price = createPrice({ words, draft: () => this.#draft(), onLiteral: () => this.#keepWords() });
    this.#options = createOptions({ words, onChange });
    this.#attachments = new Attachments({ words, limits, onChange });
    this.#marking = createMarking({ words, setMask: (file) => this.#setMask(file) });
    this.#saved = savedNames(forms);
    this.#menu = new Menu({ words, forms, choose: (form) => this.#choose(form), saved: () => this.#saved });
    byId("send").append(icon("send"));
    this.#listen();
    this.writeFor(this.#usual);
    this.write(kept);
  }

  /** Addresses the composer to a command, and to the images `{ job, prompt, images, index? }` that it is about. */
  writeFor(form, target) {
    const { words } = this.#page;
    this.#form = form;
    this.#target = target;
    const { text, images, others } = partsOf(form);
    this.#prompt.placeholder = target ? words.changeHint : words.promptHint;
    this.#prompt.maxLength = text.maxLength;
    this.#attachments.allow(images?.max ?? 0);
    this.#options.show(others);
    showTarget(target, words, () => this.writeFor(this.#usual));
    this.#prompt.focus();
  }

  /** Offers what the forms offer now; whatever was chosen stays. */
  renew(forms) {
    const now = ({ name }) => forms.find((form) => form.name === name);
    this.#usual = now(this.#usual);
    this.#form = now(this.#form);
    this.#saved = savedNames(forms);
    this.#price.refresh();
    this.#options.show(partsOf(this.#form).others);
  }

  write(text) {
    this.#prompt.value = text;
    this.#grow();
    this.#changed();
    this.#prompt.focus();
  }

  /** Puts back what was not accepted, unless something new stands there already. */
  giveBack({ form, target, typed, attached, literal }) {
    if (this.#prompt.value !== "") return;
    this.writeFor(form, target);
    this.#attachments.giveBack(attached);
    this.#literal = literal;
    this.write(typed);
  }

  #choose(form, rest = "") {
    if (!needsWords(form)) return this.#page.choose(form, rest);
    const mayHaveTarget = form.fields.some(({ kind }) => kind === "job") && this.#attachments.files().length === 0;
    this.writeFor(form, mayHaveTarget ? this.#page.latest() : undefined);
    if (rest) this.write(rest);
  }

  #listen() {
    this.#prompt.addEventListener("input", () => {
      if (this.#isEmpty()) this.#literal = false;
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

  async #submit() {
    if (this.#isEmpty() || this.#sending) return;
    const { form, rest } = this.#typed();
    if (!needsWords(form)) {
      this.write("");
      return this.#choose(form, rest);
    }
    if (rest.trim() === "") return this.#choose(form);
    this.#sending = true;
    const priced = await this.#price.now();
    const wanted = await this.#isWanted(priced);
    this.#sending = false;
    if (wanted) this.#send({ agreed: priced !== undefined, read: priced?.shown ? priced.read : [] });
  }

  /**
   * Asks first about a price above the limit that the member set; by the server when the price is not known here, or
   * options were read from the words and nobody has seen them yet.
   */
  async #isWanted(priced) {
    const { words } = this.#page;
    if (!priced?.quote.confirm || (priced.read.length > 0 && !priced.shown)) return true;
    const { title, paragraphs } = priced.card;
    return ask({ title, sentences: paragraphs, yes: words.sendYes, no: words.notNow });
  }

  #send({ agreed, read }) {
    const { form, rest } = this.#typed();
    const said = { typed: this.#prompt.value, literal: this.#literal, agreed, read };
    const message = { form, target: this.#target, prompt: rest, ...said };
    const data = this.#data(form, rest);
    const attached = this.#attachments.take();
    this.#literal = false;
    this.#options.clearFiles();
    this.write("");
    this.writeFor(this.#usual);
    this.#page.send({ ...message, data, attached, thumbs: attached.map(({ thumb }) => thumb) });
  }

  /** `/imagine a fox` is the command and its words; everything else belongs to what the composer is addressed to. */
  #typed() {
    const typed = this.#prompt.value;
    return typedCommand(typed, this.#page.forms) ?? { form: this.#form, rest: typed };
  }

  #data(form, prompt) {
    const data = new FormData();
    const { text, images } = partsOf(form);
    data.set(text.name, prompt);
    if (this.#target) data.set("job", jobOf(this.#target));
    for (const [name, value] of Object.entries(this.#options.values())) data.set(name, typedValue(value));
    for (const file of this.#attachments.files()) data.append(images.name, file);
    return data;
  }

  /** Returns what is quoted: the words and options, and how many files. */
  #draft() {
    const { form, rest } = this.#typed();
    if (rest.trim() === "" || !needsWords(form)) return undefined;
    const values = Object.entries(this.#options.values());
    const chosen = values.filter(([, value]) => !(value instanceof File));
    const references = this.#attachments.files().length;
    const of = this.#target && jobOf(this.#target);
    const files = { references, masked: chosen.length < values.length, of };
    return { ...Object.fromEntries(chosen), prompt: rest, files, literal: this.#literal };
  }

  #keepWords() {
    this.#literal = true;
    this.#price.refresh();
    this.#prompt.focus();
  }

  #isEmpty() {
    return this.#prompt.value.trim() === "";
  }

  #changed() {
    byId("send").disabled = this.#isEmpty();
    this.#kept.write(this.#prompt.value);
    if (!this.#marking) return; // the parts are still being made
    const field = imageFieldOf(this.#form);
    this.#marking.show({
      field,
      base: this.#base(),
      masked: field && this.#options.values()[field.name] !== undefined,
    });
    this.#price.refresh();
  }

  /** The image that a mask belongs to: the first of the references. */
  #base() {
    const [image] = this.#target?.images ?? [];
    if (image) return { key: image.url, source: { url: image.url } };
    const [file] = this.#attachments.files();
    return file && { key: file, source: { file } };
  }

  #setMask(file) {
    this.#options.setFile(imageFieldOf(this.#form).name, file);
  }

  #grow() {
    this.#prompt.style.height = "auto";
    this.#prompt.style.height = `${this.#prompt.scrollHeight}px`;
  }
}

/** As the server reads it: a job, or one image of it. */
function jobOf({ job, index }) {
  return index === undefined ? job : `${job}:${index}`;
}
