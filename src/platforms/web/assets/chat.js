import { answerTo, tick } from "./answer.js";
import { bubbleElement, chainElement } from "./bubble.js";
import { cardElement } from "./cards.js";
import { byId, el } from "./dom.js";

const tickMs = 1000;
const nearBottom = 160;

/** The conversation: one turn per job, newest at the bottom; and cards of the bot between them. */
export class Chat {
  #log = byId("log");
  #scroll = byId("scroll");
  #jobs = new Map();
  #atBottom = true;
  #page;

  /** `words`, `press(button, turn)`, `open(job, position)` for an image, `missing(id)` for a job that is not here. */
  constructor(page) {
    this.#page = page;
    setInterval(() => tick(this.#log, page.words), tickMs);
    this.#scroll.addEventListener("scroll", () => this.#look(), { passive: true });
    // a reader at the bottom stays there when the composer grows or images arrive
    const observer = new ResizeObserver(() => this.#atBottom && this.toBottom());
    observer.observe(this.#scroll);
    observer.observe(this.#log);
  }

  /** Shows what the member just sent, before the server has answered. */
  addOutgoing({ prompt, thumbs, target }) {
    const { words } = this.#page;
    const sending = el("p", { className: "status" }, words.sending);
    const drawn = thumbs.length > 0 ? el("div", { className: "thumbs" }, ...thumbs) : undefined;
    const chain = this.#chainOf(target?.job);
    const bubble = bubbleElement({ prompt, references: 0, masked: false }, { words, thumbs: drawn, chain });
    const turn = this.#addTurn([bubble, el("div", { className: "answer" }, sending)]);
    this.toBottom();
    return turn;
  }

  /** Shows a job where it stands already, else in the turn given, else at the bottom. */
  showJob(job, given) {
    const known = this.#jobs.get(job.id);
    if (known && given && known.turn !== given) given.remove();
    this.#render(known?.turn ?? given ?? this.#addTurn([]), job);
    if (known && known.job.card.title !== job.card.title) byId("announcer").textContent = job.card.title;
  }

  /** Shows jobs of the past above all others, the newest of them first; the reader stays where they are. */
  showEarlier(jobs) {
    const { scrollHeight, scrollTop } = this.#scroll;
    this.#atBottom = false;
    for (const job of jobs) {
      if (this.#jobs.has(job.id)) continue;
      const turn = el("li", { className: "turn" });
      this.#log.prepend(turn);
      this.#render(turn, job);
    }
    this.#scroll.scrollTop = scrollTop + this.#scroll.scrollHeight - scrollHeight;
  }

  /** Leads the reader to a job; one that is not on the page is added at the bottom. */
  goTo(job) {
    const known = this.#jobs.get(job.id);
    if (!known) {
      this.#render(this.#addTurn([]), job);
      return this.toBottom();
    }
    this.#reveal(known.turn);
  }

  /**
   * Shows elements below what the member sent, or in the turn of the unfinished job it is about, else in one of its own.
   * @param {any} card
   * @param {{ turn?: Element, about?: string, extra?: Element }} where
   */
  showCard(card, { turn: given, about, extra } = {}) {
    const known = this.#jobs.get(about);
    const own = given ?? (known && !known.job.final ? known.turn : undefined);
    const turn = own ?? this.#addTurn([el("div", { className: "answer" })]);
    const press = (button) => this.#page.press(button, turn);
    turn.querySelector(".answer").replaceChildren(cardElement(card, press), ...(extra ? [extra] : []));
    if (!own) this.toBottom();
    byId("announcer").textContent = `${card.title}. ${card.paragraphs.join(" ")}`;
    return turn;
  }

  /** Takes what was deleted off the page. */
  forget(id) {
    this.#jobs.get(id)?.turn.remove();
    this.#jobs.delete(id);
  }

  clear() {
    this.#jobs.clear();
    this.#log.replaceChildren();
  }

  toBottom() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#atBottom = true;
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    this.#atBottom = scrollHeight - scrollTop - clientHeight < nearBottom;
  }

  #addTurn(children) {
    byId("welcome").hidden = true;
    const turn = el("li", { className: "turn" }, ...children);
    this.#log.append(turn);
    return turn;
  }

  #render(turn, job) {
    const { words, open, press } = this.#page;
    const thumbs = turn.querySelector(".thumbs") ?? undefined; // known to this page only
    const bubble = bubbleElement(job, { words, thumbs, chain: this.#chainOf(job.parent) });
    const answer = el(
      "div",
      { className: "answer" },
      ...answerTo(job, { words, open, press: (button) => press(button) }),
    );
    const focused = turn.contains(document.activeElement);
    turn.id = `job-${job.id}`;
    turn.replaceChildren(bubble, answer);
    this.#jobs.set(job.id, { job, turn });
    if (focused) (answer.querySelector("button") ?? byId("prompt")).focus();
  }

  #reveal(turn) {
    this.#atBottom = false;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.scrollIntoView({ behavior: calm ? "instant" : "smooth", block: "center" });
    turn.querySelector(".answer button, .answer a")?.focus({ preventScroll: true });
  }

  #chainOf(parent) {
    const jobOf = (id) => this.#jobs.get(id)?.job;
    const show = (id) => (this.#jobs.has(id) ? this.#reveal(this.#jobs.get(id).turn) : this.#page.missing(id));
    return chainElement(parent, { words: this.#page.words, jobOf, show });
  }
}
