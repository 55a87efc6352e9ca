import { byId, fill } from "../../assets/dom.js";
import { Failed } from "../../assets/request.js";
import { read } from "./api.js";
import { words } from "./words.js";

let current = 0;

/**
 * Asks for `path` now and then every `everyMs` while the page is looked at, and gives what is new to `show`. Only one
 * thing is live at a time. `query()` is asked each time; the returned function asks at once.
 */
export function live(path, query, everyMs, show) {
  current += 1;
  const mine = current;
  let timer;
  let shown;
  let asked = 0;
  const look = async (background) => {
    clearTimeout(timer);
    asked += 1;
    const turn = asked;
    const answer = await read(path, query(), { background }).catch(trouble);
    if (mine !== current || turn !== asked) return;
    const text = JSON.stringify(answer);
    if (answer !== undefined && text !== shown) keepFocus(() => show(answer));
    if (answer !== undefined) {
      shown = text;
      byId("trouble").hidden = true;
    }
    timer = setTimeout(() => (document.hidden ? wait() : look(true)), everyMs);
  };
  const wait = () =>
    document.addEventListener("visibilitychange", () => mine === current && look(true), { once: true });
  look(false);
  return () => look(false);
}

/** Shows what went wrong where it is seen; nothing that was typed is lost. */
export function trouble(error) {
  if (!(error instanceof Failed)) throw error;
  byId("trouble").textContent = error.status === 0 ? words.offline : error.sentence;
  byId("trouble").hidden = false;
}

/** Says what was done to who does not see it. */
export function announce(sentence, values = {}) {
  byId("announcer").textContent = fill(sentence, values);
}

/** Keeps the focus on a row's button when its row is shown anew. */
function keepFocus(show) {
  const key = focusedKey();
  show();
  if (key === undefined || focusedKey() === key) return;
  /** @type {HTMLElement | null} */
  const again = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  again?.focus({ preventScroll: true });
}

function focusedKey() {
  return document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
}
