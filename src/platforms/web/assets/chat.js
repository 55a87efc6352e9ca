import { buttonRow, cardElement } from "./cards.js";
import { byId, clip, el, fill } from "./dom.js";
import { galleryElement, placeholderElement } from "./gallery.js";
import { icon } from "./icons.js";

const tickMs = 1000;
const nearBottom = 160;

/** The conversation: one turn per job, newest at the bottom; and cards of the bot between them. */
export class Chat {
  #log = byId("log");
  #scroll = byId("scroll");
  #jobs = new Map();
  #atBottom = true;
  #page;

  /** `words`, `press(button)`, and `open(job, position)` for an image that is clicked. */
  constructor(page) {
    this.#page = page;
    setInterval(() => tick(this.#log, page.words), tickMs);
    this.#scroll.addEventListener("scroll", () => this.#look(), { passive: true });
    // a reader at the bottom stays there when the composer grows or images arrive
    const observer = new ResizeObserver(() => this.#atBottom && this.toBottom());
    observer.observe(this.#scroll);
    observer.observe(this.#log);
  }

  /** What the member just sent, before the server has answered. */
  addOutgoing({ prompt, thumbs, target }) {
    const { words } = this.#page;
    const sending = el("p", { className: "status" }, words.sending);
    const drawn = thumbs.length > 0 ? el("div", { className: "thumbs" }, ...thumbs) : undefined;
    const bubble = bubbleElement(
      { prompt, references: 0 },
      { words, thumbs: drawn, quote: this.#quoteOf(target?.job) },
    );
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

  /** Shows a card below what the member sent, or in the turn of the unfinished job it is about, else in one of its own. */
  showCard(card, given, about) {
    const known = this.#jobs.get(about);
    const own = given ?? (known && !known.job.final ? known.turn : undefined);
    const turn = own ?? this.#addTurn([el("div", { className: "answer" })]);
    turn.querySelector(".answer").replaceChildren(cardElement(card, this.#page.press));
    if (!own) this.toBottom();
    byId("announcer").textContent = `${card.title}. ${card.paragraphs.join(" ")}`;
    return turn;
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
    const thumbs = turn.querySelector(".thumbs") ?? undefined; // known to this page only
    const bubble = bubbleElement(job, { words: this.#page.words, thumbs, quote: this.#quoteOf(job.parent) });
    const answer = el("div", { className: "answer" }, ...answerTo(job, this.#page));
    const focused = turn.contains(document.activeElement);
    turn.id = `job-${job.id}`;
    turn.replaceChildren(bubble, answer);
    if (focused) (answer.querySelector("button") ?? byId("prompt")).focus();
    this.#jobs.set(job.id, { job, turn });
  }

  /** Leads back to the turn that an image was taken from, when it is on the page. */
  #quoteOf(parent) {
    const from = this.#jobs.get(parent);
    if (!from) return undefined;
    const show = () => from.turn.scrollIntoView({ behavior: "smooth", block: "center" });
    const sentence = fill(this.#page.words.replyTo, { prompt: clip(from.job.prompt, 60) });
    const button = { type: "button", className: "quote", on: { click: show } };
    return el("button", button, icon("reply"), el("span", {}, sentence));
  }
}

function bubbleElement({ prompt, references, masked }, { words, thumbs, quote }) {
  const attached = references === 1 ? words.attached : fill(words.attachedMany, { count: references });
  const note = [references > 0 && !quote ? attached : "", masked ? words.masked : ""].filter(Boolean).join(", ");
  return el(
    "div",
    { className: "bubble" },
    el("span", { className: "unseen" }, words.you),
    quote,
    thumbs,
    el("p", { className: "prompt" }, prompt),
    note && !thumbs ? el("p", { className: "note" }, note) : undefined,
  );
}

function answerTo(job, { words, press, open }) {
  if (!job.final) {
    const frames = job.state === "queued" ? [] : [placeholderElement(job)];
    return [statusElement(job, words), ...frames, underneath(job.card.paragraphs, job.card.buttons, press)];
  }
  if (job.images.length === 0) return [cardElement(job.card, press)];
  const single = job.images.length === 1; // then the job's buttons stand with the image's own
  const warning = job.state === "delivered" ? [] : [cardElement(job.card, press)];
  const gallery = galleryElement(job, { words, press, open });
  return [...warning, gallery, underneath([job.facts, ...job.notes], single ? [] : job.buttons, press)];
}

function underneath(lines, buttons, press) {
  const facts = el("div", { className: "facts" }, ...lines.map((line) => el("p", {}, line)));
  return el("div", { className: "underneath" }, facts, buttonRow(buttons ?? [], press));
}

function statusElement({ card, elapsedMs }, words) {
  const status = el("p", { className: "status" }, card.title);
  if (elapsedMs === undefined) return status;
  const since = performance.now() - elapsedMs;
  status.append(el("span", { className: "elapsed", "aria-hidden": "true", dataset: { since } }, seconds(since, words)));
  return status;
}

function tick(log, words) {
  for (const node of log.querySelectorAll(".elapsed")) node.textContent = seconds(Number(node.dataset.since), words);
}

function seconds(since, words) {
  return fill(words.elapsed, { seconds: Math.floor((performance.now() - since) / 1000) });
}
