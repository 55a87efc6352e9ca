import { getHistory } from "./api.js";
import { openDialog } from "./dialogs.js";
import { debounce, el } from "./dom.js";

const pauseMs = 250;

/** The member's images in a list that can be searched; `show(job)` is called with the one that is pressed. */
export function openHistory({ words, show, search = "" }) {
  const list = el("ul", { className: "past" });
  const status = el("p", { className: "note", role: "status" });
  const more = el("button", { type: "button", className: "action plain", hidden: true }, words.older);
  const input = el("input", { type: "search", value: search, "aria-label": words.search, placeholder: words.search });
  const choose = (job) => {
    dialog.close();
    show(job);
  };
  let round = 0;
  let last;

  async function load(before) {
    const mine = ++round;
    const page = await getHistory({ search: input.value.trim(), before });
    if (mine !== round) return; // a newer search is under way
    const rows = page.jobs.map((job) => pastElement(job, choose));
    if (before) list.append(...rows);
    else list.replaceChildren(...rows);
    last = page.jobs.at(-1)?.id;
    more.hidden = !page.more;
    status.textContent = list.children.length === 0 ? words.nothingFound : "";
    if (before) rows[0]?.querySelector("button").focus();
  }

  input.addEventListener("input", debounce(load, pauseMs));
  more.addEventListener("click", () => load(last));
  const dialog = openDialog(
    { title: words.history, close: words.close, className: "panel" },
    input,
    status,
    list,
    more,
  );
  input.focus();
  load();
}

/** One line of a list of jobs: its first image, what was asked, and when. */
export function pastElement(job, choose) {
  const [image] = job.images;
  const when = new Date(job.createdAt).toLocaleString(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const picture = image
    ? el("img", { src: image.preview, alt: "", width: 56, height: 56, loading: "lazy" })
    : el("span", { className: "blank" });
  const state = image ? "" : ` · ${job.card.title}`;
  const words = el("span", { className: "words" }, el("span", {}, job.prompt), el("small", {}, `${when}${state}`));
  return el("li", {}, el("button", { type: "button", on: { click: () => choose(job) } }, picture, words));
}
