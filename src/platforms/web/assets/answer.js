import { buttonRow, cardElement } from "./cards.js";
import { el, fill } from "./dom.js";
import { galleryElement, placeholderElement } from "./gallery.js";

/**
 * Shows a job: where it stands, then its images, or why there are none.
 * @param {import("../job-json.ts").JobJson} job
 * @param {{ words: any, press: (button: any) => void, open?: Function }} page
 */
export function answerTo(job, { words, press, open }) {
  if (!job.final && job.images.length > 0) return filling(job, { words, press, open });
  if (!job.final) return unfinished(job, words, press);
  if (job.images.length === 0) {
    const buttons = [...(job.card.buttons ?? []), ...job.buttons];
    return [cardElement({ ...job.card, buttons }, press)];
  }
  const single = job.images.length === 1; // then the job's buttons stand with the image's own
  const warning = job.state === "delivered" ? [] : [cardElement(job.card, press)];
  const gallery = galleryElement(job, { words, press, open });
  return [...warning, gallery, underneath([job.facts, ...job.notes], single ? [] : job.buttons, press)];
}

/** A batch of which some images are there. */
function filling(job, page) {
  const gallery = galleryElement({ ...job, buttons: [] }, page);
  return [statusElement(job, page.words), gallery, underneath(job.notes, job.buttons, page.press)];
}

function unfinished(job, words, press) {
  const frames = job.state === "queued" ? [] : [placeholderElement(job, words)];
  const { paragraphs, buttons } = job.card;
  return [statusElement(job, words), ...frames, underneath(paragraphs, buttons, press)];
}

function underneath(lines, buttons, press) {
  const facts = el("div", { className: "facts" }, ...lines.map((line) => el("p", {}, line)));
  return el("div", { className: "underneath" }, facts, buttonRow(buttons ?? [], press));
}

function statusElement({ card, elapsedMs, percent }, words) {
  const status = el("div", { className: "status" }, el("p", {}, card.title));
  if (elapsedMs !== undefined) {
    const since = performance.now() - elapsedMs;
    const clock = { className: "elapsed", "aria-hidden": "true", dataset: { since } };
    status.append(el("span", clock, seconds(since, words)));
  }
  if (percent !== undefined) {
    const label = fill(words.percentDone, { percent });
    status.append(el("progress", { max: 100, value: percent, title: label, "aria-label": label }));
  }
  return status;
}

/** Moves the clocks of what is under way. */
export function tick(log, words) {
  for (const node of log.querySelectorAll(".elapsed")) node.textContent = seconds(Number(node.dataset.since), words);
}

function seconds(since, words) {
  return fill(words.elapsed, { seconds: Math.floor((performance.now() - since) / 1000) });
}
