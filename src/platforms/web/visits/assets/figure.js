import { ask } from "../../assets/dialogs.js";
import { el } from "../../assets/dom.js";
import { icon } from "../../assets/icons.js";
import { openPainting, removeJob } from "./api.js";

/** One image of the gallery, with what can be done with it. */
export function figureOf(image, { words, say, removed, trouble }) {
  const { job, index, prompt, width, height, alt, filename } = image;
  const url = `images/${job}/${index}`;
  const picture = el("img", { src: `${url}?preview`, alt, width, height, loading: "lazy", decoding: "async" });
  const caption = el("span", { className: "prompt" }, prompt);
  const when = new Date(image.createdAt).toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });
  const facts = el("small", {}, `${when} · ${image.facts}`);

  const paint = async () => location.assign((await openPainting({ job, index })).page);
  const copy = async () => say((await copied(prompt, caption)) ? words.copied : words.notCopied);
  const remove = async () => {
    const sentences = [words.removeHint];
    const yes = await ask({ title: words.removeTitle, sentences, yes: words.remove, no: words.keep, style: "danger" });
    if (!yes) return;
    await removeJob(job);
    removed(job);
  };

  const named = (label) => `${label}: ${prompt.slice(0, 80)}`;
  const button = (label, act, kind = "plain") => {
    const click = () => act().catch(trouble);
    return el(
      "button",
      { type: "button", className: `action ${kind}`, "aria-label": named(label), on: { click } },
      label,
    );
  };
  const save = el("a", {
    className: "action plain",
    href: url,
    download: filename,
    "aria-label": named(words.download),
  });
  save.append(icon("download"), el("span", {}, words.download));
  const actions = el(
    "div",
    { className: "actions" },
    image.paintable ? button(words.paint, paint) : undefined,
    button(words.copy, copy),
    save,
    button(words.remove, remove, "danger"),
  );
  const figure = el("figure", {}, picture, el("figcaption", {}, caption, facts), actions);
  return el("li", { dataset: { job } }, figure);
}

/** Copies a text; where the browser does not allow that, it is selected. */
async function copied(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return false;
  }
}
