import { byId, debounce, el, fill } from "../../assets/dom.js";
import { Failed, useWords } from "../../assets/request.js";
import { getImages, getMe } from "./api.js";
import { figureOf } from "./figure.js";

const pauseMs = 300;

start().catch(showTrouble);

async function start() {
  const me = await getMe();
  useWords(me.words.request);
  const words = me.words.gallery;
  const grid = createGrid(words);
  byId("gallery").append(...grid.nodes);
  await grid.load();
  byId("loading").hidden = true;
  byId("gallery").hidden = false;
}

function showTrouble(error) {
  byId("loading").hidden = true;
  byId("trouble").textContent = error instanceof Failed ? error.sentence : String(error);
}

/** The images, newest first, a page at a time. */
function createGrid(words) {
  const list = el("ul", { className: "grid" });
  const status = el("p", { className: "note", role: "status" });
  const more = el("button", { type: "button", className: "action plain", hidden: true }, words.more);
  const search = el("input", { type: "search", maxLength: 200, placeholder: words.search, "aria-label": words.search });
  let round = 0;
  let next;

  const say = (sentence) => {
    status.textContent = sentence;
  };
  const removed = (job) => {
    const gone = [...list.children].filter(({ dataset }) => dataset.job === job);
    const after = gone.at(-1)?.nextElementSibling ?? gone[0]?.previousElementSibling;
    for (const node of gone) node.remove();
    (after?.querySelector("a, button") ?? search).focus();
    say(words.removed);
  };

  async function load(before = undefined) {
    const mine = ++round;
    const page = await getImages({ search: search.value.trim(), before });
    if (mine !== round) return; // a newer search is under way
    const figures = page.images.map((image) => figureOf(image, { words, say, removed, trouble: showTrouble }));
    if (before) list.append(...figures);
    else list.replaceChildren(...figures);
    next = page.more;
    more.hidden = next === undefined;
    const nothing = search.value.trim() === "" ? words.nothing : words.nothingFound;
    say(list.children.length === 0 ? nothing : fill(words.found, { count: list.children.length }));
    if (before) figures[0]?.querySelector("a, button").focus();
  }

  const found = debounce(() => load().catch(showTrouble), pauseMs);
  search.addEventListener("input", found);
  more.addEventListener("click", () => load(next).catch(showTrouble));
  const here = el("p", { className: "note" }, words.here);
  return { nodes: [here, search, status, list, more], load };
}
