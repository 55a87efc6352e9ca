import { clip, el, fill } from "./dom.js";
import { icon } from "./icons.js";

const longestChain = 4;

/** Shows what the member said: the images it is based on, files that went with it, the words. */
export function bubbleElement({ prompt, references, masked }, { words, thumbs, chain }) {
  const attached = references === 1 ? words.attached : fill(words.attachedMany, { count: references });
  const note = [references > 0 && !chain && !thumbs ? attached : "", masked ? words.masked : ""].filter(Boolean);
  return el(
    "div",
    { className: "bubble" },
    el("span", { className: "unseen" }, words.you),
    chain,
    thumbs,
    el("p", { className: "prompt" }, prompt),
    note.length > 0 ? el("p", { className: "note" }, note.join(", ")) : undefined,
  );
}

/**
 * The jobs that this one came from, the oldest first; each leads back to its turn. `jobOf(id)` is undefined for what is
 * not on the page; `show(id)` is called with the one that is pressed.
 */
export function chainElement(parent, { words, jobOf, show }) {
  if (parent === undefined) return undefined;
  const ids = ancestors(parent, jobOf);
  const links = ids.map((id) => el("li", {}, linkElement(id, jobOf(id), words, show)));
  return el("nav", { className: "chain", "aria-label": words.basedOn }, icon("reply"), el("ol", {}, ...links));
}

function ancestors(parent, jobOf) {
  const ids = [];
  for (let id = parent; id !== undefined && ids.length < longestChain; id = jobOf(id)?.parent) ids.unshift(id);
  return ids;
}

function linkElement(id, job, words, show) {
  const label = job ? fill(words.replyTo, { prompt: clip(job.prompt, 60) }) : words.fromEarlier;
  const [image] = job?.images ?? [];
  const picture = image ? el("img", { src: image.preview, alt: "", width: 28, height: 28 }) : undefined;
  return el(
    "button",
    { type: "button", className: "quote", on: { click: () => show(id) } },
    picture,
    el("span", {}, label),
  );
}
