import { cardButton } from "./cards.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** The finished images of a job; each opens large, and carries its own buttons. */
export function galleryElement(job, { words, press, open }) {
  const single = job.images.length === 1;
  const figures = job.images.map((image, position) => {
    const title = fill(words.open, { number: position + 1, count: job.images.length });
    const click = () => open(job, position);
    const tile = el("button", { type: "button", className: "tile", title, on: { click } }, imageElement(image));
    const buttons = [...image.buttons, ...(single ? job.buttons : [])];
    return el("figure", {}, tile, imageActions({ ...image, buttons }, { words, press }));
  });
  const [{ width, height }] = job.images;
  return galleryOf(figures, width / height);
}

/** Wet paint where the images of a job are going to be; in the first place what the service has shown so far. */
export function placeholderElement(job, words) {
  const frames = Array.from({ length: job.count }, () => el("div", { className: "frame" }));
  if (job.unfinished) frames[0].append(unfinishedElement(job, words));
  return galleryOf(
    frames.map((frame) => el("figure", {}, frame)),
    job.aspect,
  );
}

/** It may be gone before it is fetched: then there is wet paint again. */
function unfinishedElement({ unfinished, prompt }, words) {
  const alt = fill(words.unfinished, { prompt });
  const image = el("img", { src: unfinished, alt, on: { error: () => image.remove() } });
  return image;
}

/** The buttons of one image, and Download. */
export function imageActions(image, { words, press }) {
  const link = { className: "action plain", href: image.url, download: image.filename, title: words.download };
  const download = el("a", link, icon("download"), el("span", {}, words.download));
  return el("div", { className: "actions" }, ...image.buttons.map((button) => cardButton(button, press)), download);
}

function imageElement({ preview, alt, width, height }) {
  return el("img", { src: preview, alt, width, height, loading: "lazy", decoding: "async" });
}

/** Keeps its place before the images have arrived. */
function galleryOf(figures, aspect) {
  const node = el("div", { className: "gallery", dataset: { count: Math.min(figures.length, 5) } }, ...figures);
  node.style.setProperty("--aspect", aspect.toFixed(4));
  return node;
}
