import { ask } from "../../assets/dialogs.js";
import { debounce, el } from "../../assets/dom.js";
import { Failed, newKey } from "../../assets/request.js";
import { answerConfirmation, followJob, getQuote, sendPainting } from "./api.js";

const pauseMs = 250;
const longestPrompt = 32_000;

/** The words, the price and the button that sends; `order` and `facts` are those of the studio. */
export function createComposer({ me, order, facts }) {
  const words = me.words.paint;
  const parts = createParts(me);
  const { prompt, service, quality } = parts;
  let suggested = "";

  const takesMask = () =>
    me.services.some(({ name, masks }) => masks && (service.value === "" || service.value === name));
  const options = () => ({ provider: service.value || undefined, quality: quality.value || undefined });
  const draft = () => ({ prompt: prompt.value, ...options(), ...facts(takesMask()) });
  const price = createPrice({ words, draft, ...parts });
  const sender = createSender({
    ...{ words, ...parts },
    async form() {
      const data = new FormData();
      data.set("prompt", prompt.value);
      for (const [name, value] of Object.entries({ ...options(), ...(await order(takesMask())) })) {
        if (value !== undefined) data.set(name, value);
      }
      return data;
    },
  });

  function changed() {
    sender.renew(); // another order than the one that was sent before
    facts(takesMask());
    price.refresh();
  }

  for (const input of [prompt, service, quality]) input.addEventListener("input", changed);
  parts.node.addEventListener("submit", sender.press);
  changed();
  return {
    node: parts.node,
    changed,
    /** Room around an image needs no words of the member's own. */
    suggest(mode) {
      if (prompt.value === suggested) prompt.value = mode === "expand" ? words.expandPrompt : "";
      suggested = mode === "expand" ? words.expandPrompt : "";
    },
  };
}

/** Keeps the price of the draft beside the button. */
function createPrice({ words, draft, price, notes }) {
  let asking;
  async function quote() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const { card, changes } = await getQuote(draft(), signal);
      price.textContent = card.title;
      notes.textContent = card.paragraphs.slice(card.paragraphs.length - changes).join(" ");
    } catch (error) {
      if (signal.aborted) return;
      price.textContent = "";
      notes.textContent = sentenceOf(error);
    }
  }
  const later = debounce(quote, pauseMs);
  return {
    refresh() {
      if (!price.textContent) price.textContent = words.price;
      later();
    },
  };
}

/** Sends what `form()` makes, once for each press, and shows what becomes of it. */
function createSender({ words, form, send, trouble, progress }) {
  let key = newKey();

  async function submit() {
    const answer = await sendPainting(await form(), key);
    if (!answer.confirmation) return answer;
    const { title, paragraphs: sentences } = answer.card;
    const yes = await ask({ title, sentences, yes: words.sendYes, no: words.notNow });
    const answered = await answerConfirmation(answer.confirmation, yes, key);
    return yes ? answered : undefined;
  }

  async function press(event) {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    send.textContent = words.sending;
    trouble.textContent = "";
    try {
      const sent = await submit();
      if (sent) follow(sent.job, progress, words);
      key = newKey();
    } catch (error) {
      trouble.textContent = sentenceOf(error); // under the same key the next press makes nothing twice
    } finally {
      send.disabled = false;
      send.textContent = words.send;
    }
  }

  return {
    press,
    renew() {
      key = newKey();
    },
  };
}

function follow(job, progress, words) {
  const note = el("p", { className: "note" }, words.sent);
  const title = el("p", { className: "card-title" });
  const body = el("p", {});
  progress.prepend(el("li", { className: "card" }, title, body, note));
  followJob(job, (view) => {
    title.textContent = view.title;
    body.textContent = view.paragraphs.join(" ");
    title.parentElement.dataset.tone = view.tone;
  });
}

function sentenceOf(error) {
  return error instanceof Failed ? error.sentence : String(error);
}

function createParts({ words: { paint: words }, services, qualities }) {
  const prompt = el("textarea", {
    ...{ id: "prompt", rows: 3, maxLength: longestPrompt, placeholder: words.promptHint, required: true },
    "aria-describedby": "price notes",
  });
  const service = choice(
    words.service,
    services.map(({ name, label }) => [name, label]),
    words.unset,
  );
  const quality = choice(
    words.quality,
    qualities.map(({ value, label }) => [value, label]),
    words.unset,
  );
  const price = el("output", { id: "price", "aria-live": "polite" });
  const notes = el("p", { id: "notes", className: "note", "aria-live": "polite" });
  const send = el("button", { type: "submit", className: "action primary" }, words.send);
  const trouble = el("p", { className: "trouble", role: "alert" });
  const progress = el("ol", { className: "progress", "aria-live": "polite" });
  const label = el("label", { htmlFor: prompt.id }, words.prompt);
  const options = el("div", { className: "options" }, service.node, quality.node);
  const bar = el("div", { className: "bar" }, price, send);
  const node = el(
    "form",
    { className: "composer", autocomplete: "off" },
    label,
    prompt,
    options,
    notes,
    bar,
    trouble,
    progress,
  );
  return { node, prompt, service: service.select, quality: quality.select, price, notes, send, trouble, progress };
}

function choice(label, entries, unset) {
  const options = [["", unset], ...entries].map(([value, text]) => el("option", { value }, text));
  const select = el("select", {}, ...options);
  return { select, node: el("label", { className: "option" }, el("span", {}, label), select) };
}
