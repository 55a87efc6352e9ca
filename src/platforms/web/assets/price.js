import { getQuote } from "./api.js";
import { byId, debounce, el, fill } from "./dom.js";
import { Failed } from "./request.js";

const pauseMs = 250;

/**
 * Keeps the price of what stands in the composer next to the Send button, and says which options were read from its words.
 * `draft()` is undefined while nothing stands there; `onLiteral()` is called when words are to stay words.
 */
export function createPrice({ words, draft, onLiteral }) {
  const price = byId("price");
  const notes = byId("price-notes");
  const readNote = byId("words-read");
  let asking;
  let known = {};

  function show(title, tone, sentences, read = [], named = undefined) {
    showNamed(named);
    price.textContent = title;
    price.dataset.tone = tone;
    notes.textContent = sentences.join(" ");
    notes.dataset.tone = tone;
    readNote.hidden = read.length === 0;
    const keep = el("button", { type: "button", className: "linked", on: { click: onLiteral } }, words.keepWords);
    readNote.replaceChildren(`${fill(words.readFromWords, { options: read.join(" · ") })} `, keep);
  }

  async function ask() {
    asking?.abort();
    const wanted = draft();
    if (!wanted) return show("", "plain", []);
    asking = new AbortController();
    const { signal } = asking;
    if (!price.textContent) show(words.price, "plain", []);
    try {
      const answer = await getQuote(wanted, signal);
      known = { key: JSON.stringify(wanted), answer };
      const { card, quote, read } = answer;
      price.title = card.paragraphs.join(" ");
      const { said, named } = partsOf(card, quote);
      show(card.title, card.tone, said, read, named);
    } catch (error) {
      if (!signal.aborted) show("", "bad", sentencesOf(error));
    }
  }

  return {
    refresh: debounce(ask, pauseMs),
    /**
     * Resolves with the price right now, and whether just that stands there already; undefined when the price cannot be
     * said: then the server decides.
     */
    async now() {
      const wanted = draft();
      if (known.key === JSON.stringify(wanted)) return { ...known.answer, shown: true };
      return getQuote(wanted).catch(() => undefined);
    },
  };
}

/** The sentences beside the price, which are its changes while it can be paid, and apart from them what is named. */
function partsOf({ paragraphs, tone }, { changes }) {
  const first = paragraphs.length - changes.length; // changes stand last
  const at = changes.findIndex(({ code }) => code === "references-named");
  const said = paragraphs.filter((_, n) => (n >= first || tone === "bad") && (at < 0 || n !== first + at));
  return { said, named: at < 0 ? undefined : { references: changes[at].references, sentence: paragraphs[first + at] } };
}

/** Shows the saved images that the prompt names, each by its name. */
function showNamed({ references, sentence } = { references: [], sentence: "" }) {
  const list = byId("named");
  list.hidden = references.length === 0;
  list.setAttribute("aria-label", sentence);
  list.replaceChildren(...references.map(({ name }) => el("li", { title: sentence }, `@${name}`)));
}

function sentencesOf(error) {
  return error instanceof Failed && error.card ? error.card.paragraphs : [];
}
