import { getQuote } from "./api.js";
import { byId, debounce } from "./dom.js";

const pauseMs = 250;

/** Keeps the price of what stands in the composer next to the Send button. `draft` is undefined while nothing stands there. */
export function createPrice({ words, draft }) {
  const price = byId("price");
  const notes = byId("price-notes");
  let asking;

  function show(title, tone, sentences) {
    price.textContent = title;
    price.dataset.tone = tone;
    notes.textContent = sentences.join(" ");
    notes.dataset.tone = tone;
  }

  async function ask() {
    asking?.abort();
    const wanted = draft();
    if (!wanted) return show("", "plain", []);
    asking = new AbortController();
    const { signal } = asking;
    if (!price.textContent) show(words.price, "plain", []);
    try {
      const { card, quote } = await getQuote(wanted, signal);
      price.title = card.paragraphs.join(" ");
      const said = card.tone === "bad" ? 0 : card.paragraphs.length - quote.changes.length; // changes stand last
      show(card.title, card.tone, card.paragraphs.slice(said));
    } catch (error) {
      if (!signal.aborted) show("", "bad", error.card?.paragraphs ?? []);
    }
  }

  return { refresh: debounce(ask, pauseMs) };
}
