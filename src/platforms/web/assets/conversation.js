import { getForms, getHistory, getMe, runCommand } from "./api.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { ask } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { openForm } from "./form-dialog.js";
import { asksMore, needsWords } from "./forms.js";
import { openHistory } from "./history.js";
import { createLightbox } from "./lightbox.js";
import { showReply } from "./replies.js";
import { Failed, newKey } from "./request.js";
import { openSettings } from "./settings.js";
import { createWatcher } from "./watch.js";

/** Ties the parts of the page together: what is pressed and written goes to the bot, what it answers is shown. */
export class Conversation {
  #forms;
  #words;
  #targets = new Map();
  #oldest;
  #latest;
  #chat;
  #composer;
  #watcher;

  constructor({ words, limits }, forms) {
    const press = (button, turn) => this.#press(button, turn);
    const lightbox = createLightbox({ words, press });
    this.#forms = forms;
    this.#words = words;
    this.#chat = new Chat({ words, press, open: lightbox.open, missing: (id) => this.#showAgain(id) });
    this.#watcher = createWatcher({
      onJob: (job) => this.#follow(job),
      onTrouble: (lost) => this.showTrouble(lost),
      resync: () => this.resync(),
    });
    const choose = (form, rest) => this.choose(form, rest);
    const send = (message) => this.#send(message);
    this.#composer = new Composer({ words, limits, forms, choose, send, latest: () => this.#latest });
  }

  /** Brings the page to what the server knows, and follows what is under way. Returns how many jobs there are. */
  async resync() {
    const { jobs, more } = await getHistory();
    for (const job of jobs.reverse()) this.place(job);
    this.#watcher.follow(jobs);
    if (this.#oldest === undefined) this.#reachBack(jobs[0], more);
    return jobs.length;
  }

  /** Shows the jobs before the oldest one on the page. */
  async earlier() {
    const { jobs, more } = await getHistory({ before: this.#oldest });
    for (const job of jobs) this.#remember(job);
    this.#chat.showEarlier(jobs);
    this.#reachBack(jobs.at(-1), more);
  }

  /** Runs a command, or asks what it wants to know; `rest` is what was typed behind its name. */
  choose({ name }, rest = "") {
    const words = this.#words;
    const form = this.#formNamed(name); // what it offers may have changed since it was listed
    const run = (chosen, data) => this.#post(chosen, data);
    const asked = form.fields.filter(({ kind }) => kind !== "job");
    const text = asked.find(({ kind }) => kind === "text");
    if (form.shows === "history") return this.openHistory(rest);
    if (form.shows === "settings") return openSettings({ words, form, run });
    if (asked.length === 0) return run(form, new FormData());
    openForm(form, { words, given: text && rest ? { [text.name]: rest } : {}, submit: (data) => run(form, data) });
  }

  /** The same for the name of a command. */
  run(name) {
    return this.choose(this.#formNamed(name));
  }

  openHistory(search) {
    const show = (job) => {
      this.#remember(job);
      this.#chat.goTo(job);
    };
    openHistory({ words: this.#words, show, search });
  }

  write(text) {
    this.#composer.write(text);
  }

  toBottom() {
    this.#chat.toBottom();
  }

  showTrouble(lost) {
    byId("trouble").hidden = !lost;
  }

  /** Shows a job, in the turn given or where it belongs. */
  place(job, turn) {
    this.#remember(job);
    const newer = job.createdAt >= (this.#latest?.createdAt ?? 0);
    if (job.images.length > 0 && newer) this.#latest = { ...this.#targets.get(job.id), createdAt: job.createdAt };
    this.#chat.showJob(job, turn);
  }

  /** Takes what was deleted off the page. */
  forget(id) {
    this.#chat.forget(id);
    if (this.#latest?.job === id) this.#latest = undefined;
  }

  /** A button of a job or an image: either it says all, or the composer asks for the rest. */
  async #press({ command, job, image }, turn) {
    const form = this.#formNamed(command);
    const at = image === undefined ? job : `${job}:${image}`;
    if (needsWords(form)) return this.#composer.writeFor(form, this.#targets.get(at));
    if (form.destructive && !form.answersConfirmation && !(await this.#mayDelete())) return;
    const data = new FormData();
    if (at !== undefined) data.set("job", at);
    if (asksMore(form)) return this.#askMore(form, data);
    await this.#post(form, data, { about: job, turn });
  }

  /** Asks what else the command of a button needs; `known` is what the button says. */
  #askMore(form, known) {
    const submit = (data) => {
      for (const [name, value] of known) data.set(name, value);
      this.#post(form, data);
    };
    openForm(form, { words: this.#words, given: {}, submit });
  }

  #mayDelete() {
    const { deleteTitle: title, deleteHint, deleteYes: yes, keep: no } = this.#words;
    return ask({ title, sentences: [deleteHint], yes, no, style: "danger" });
  }

  #send(message) {
    const refused = () => this.#composer.giveBack(message);
    const { form, data, literal, agreed, read } = message;
    return this.#post(form, data, { turn: this.#chat.addOutgoing(message), refused, literal, agreed, read });
  }

  #showAgain(job) {
    const data = new FormData();
    data.set("job", job);
    return this.#post(this.#formThatShows("job"), data);
  }

  /**
   * Sends a command. Sent again by hand it carries the same key, and so never makes a second job.
   * @param {import("../forms.ts").Form} form
   * @param {FormData} data
   * @param {{ turn?: Element, about?: string, refused?: () => void, literal?: boolean, agreed?: boolean, read?: string[], key?: string }} options
   */
  async #post(form, data, { turn, about, refused, literal, agreed, read, key = newKey() } = {}) {
    try {
      const reply = await runCommand(form.name, data, { key, literal, agreed, read });
      if (form.destructive && about === undefined) this.#chat.clear(); // everything is gone
      showReply(reply, { words: this.#words, chat: this.#chat, conversation: this, turn, about });
      if (reply.job) this.#watcher.follow([reply.job]);
      this.#showCredits();
      if (form.changesChoices) await this.#renewForms();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (error.status === 422 || error.status === 413) refused?.();
      const shown = this.#chat.showCard(error.card ?? this.#failedCard(error), { turn });
      const again = { turn: shown, about, refused, literal, agreed, read, key };
      if (error.status !== 422) this.#offerRetry(shown, () => this.#post(form, data, again));
    }
  }

  /** Old choices are better than none while the server cannot be asked. */
  async #renewForms() {
    this.#forms = await getForms().catch(() => this.#forms);
    this.#composer.renew(this.#forms);
  }

  #failedCard({ sentence }) {
    return { title: this.#words.failedToSend, tone: "bad", paragraphs: [sentence] };
  }

  #offerRetry(turn, retry) {
    const properties = { type: "button", className: "action primary", on: { click: retry } };
    const button = el("button", properties, this.#words.tryAgain);
    turn.querySelector(".card").append(el("div", { className: "buttons" }, button));
  }

  #follow(job) {
    this.place(job);
    if (job.final) this.#showCredits();
  }

  /** Keeps the images that its Edit buttons are about. */
  #remember({ id, prompt, images }) {
    this.#targets.set(id, { job: id, prompt, images });
    for (const image of images) {
      const { job = id, caption = prompt, index } = image; // in a batch, each belongs to a job of its own
      this.#targets.set(`${job}:${index}`, { job, prompt: caption, images: [image], index });
    }
  }

  #reachBack(oldest, more) {
    this.#oldest = oldest?.id ?? this.#oldest;
    byId("earlier").hidden = !more;
  }

  /** An old number is better than none while the server cannot be asked. */
  async #showCredits() {
    const me = await getMe().catch(() => undefined);
    if (me) byId("credits").textContent = me.credits;
  }

  /** Shows what a command of that kind does: `settings`. */
  show(kind) {
    return this.choose(this.#formThatShows(kind));
  }

  /** @param {import("../forms.ts").Form["shows"]} kind */
  #formThatShows(kind) {
    return this.#forms.find(({ shows }) => shows === kind);
  }

  #formNamed(name) {
    return this.#forms.find((form) => form.name === name);
  }
}
