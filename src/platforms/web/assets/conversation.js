import { Failed, getHistory, getMe, newKey, runCommand } from "./api.js";
import { Chat } from "./chat.js";
import { Composer, needsWords } from "./composer.js";
import { byId, el } from "./dom.js";
import { createLightbox } from "./lightbox.js";
import { createWatcher } from "./watch.js";

/** Ties the parts of the page together: what is pressed and written goes to the bot, what it answers is shown. */
export class Conversation {
  #forms;
  #words;
  #images = new Map();
  #chat;
  #composer;
  #watcher;

  constructor({ words, limits }, forms) {
    const press = (button) => this.#press(button);
    const lightbox = createLightbox({ words, press });
    this.#forms = forms;
    this.#words = words;
    this.#chat = new Chat({ words, press, open: lightbox.open });
    this.#watcher = createWatcher({
      onJob: (job) => this.#follow(job),
      onTrouble: (lost) => this.showTrouble(lost),
      resync: () => this.resync(),
    });
    const run = (form) => this.#post(form, new FormData());
    this.#composer = new Composer({ words, limits, forms, run, send: (message) => this.#send(message) });
  }

  /** Brings the page to what the server knows, and follows what is under way. Returns how many jobs there are. */
  async resync() {
    const jobs = (await getHistory()).reverse();
    for (const job of jobs) this.#place(job);
    this.#watcher.follow(jobs);
    return jobs.length;
  }

  /** Runs a command that asks nothing. */
  run(name) {
    return this.#post(this.#formNamed(name), new FormData());
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

  /** A button of a job or an image: either it says all, or the composer asks for the rest. */
  async #press({ command, job, image }) {
    const form = this.#formNamed(command);
    const at = image === undefined ? job : `${job}:${image}`;
    if (needsWords(form)) return this.#composer.writeFor(form, this.#images.get(at));
    const data = new FormData();
    data.set("job", at);
    await this.#post(form, data, { about: job });
  }

  #send(message) {
    const refused = () => this.#composer.giveBack(message);
    return this.#post(message.form, message.data, { turn: this.#chat.addOutgoing(message), refused });
  }

  /** Sends a command. Sent again by hand it carries the same key, and so never makes a second job. */
  async #post(form, data, { turn, about, refused, key = newKey() } = {}) {
    try {
      const reply = await runCommand(form.name, data, key);
      if (reply.kind === "card") return this.#chat.showCard(reply.card, turn, about);
      this.#place(reply.job, turn);
      this.#watcher.follow([reply.job]);
      this.#chat.toBottom();
      this.#showCredits();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (error.status === 422) refused?.();
      const shown = this.#chat.showCard(error.card ?? this.#offlineCard(), turn);
      if (error.status !== 422) this.#offerRetry(shown, () => this.#post(form, data, { turn: shown, refused, key }));
    }
  }

  #offlineCard() {
    return { title: this.#words.failedToSend, tone: "bad", paragraphs: [this.#words.offline] };
  }

  #offerRetry(turn, retry) {
    const button = el(
      "button",
      { type: "button", className: "action primary", on: { click: retry } },
      this.#words.tryAgain,
    );
    turn.querySelector(".card").append(el("div", { className: "buttons" }, button));
  }

  #follow(job) {
    this.#place(job);
    if (job.final) this.#showCredits();
  }

  #place(job, turn) {
    const { id, prompt } = job;
    for (const image of job.images) this.#images.set(`${id}:${image.index}`, { job: id, prompt, image });
    this.#chat.showJob(job, turn);
  }

  /** An old number is better than none while the server cannot be asked. */
  async #showCredits() {
    const me = await getMe().catch(() => undefined);
    if (me) byId("credits").textContent = me.credits;
  }

  #formNamed(name) {
    return this.#forms.find((form) => form.name === name);
  }
}
