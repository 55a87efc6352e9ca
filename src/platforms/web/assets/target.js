import { byId, clip, el, fill } from "./dom.js";
import { icon } from "./icons.js";

const most = 4;

/** Shows above the words which images they are about; `stop` is called when they are about none any more. */
export function showTarget(target, words, stop) {
  const strip = byId("target");
  strip.hidden = target === undefined;
  if (!target) return strip.replaceChildren();
  const { images, prompt } = target;
  const title = images.length === 1 ? words.editing : fill(words.editingMany, { count: images.length });
  const cross = { type: "button", className: "round small", title: words.stopEditing, "aria-label": words.stopEditing };
  strip.replaceChildren(
    ...images.slice(0, most).map(({ preview }) => el("img", { src: preview, alt: "" })),
    el("p", {}, el("b", {}, title), el("span", {}, clip(prompt, 80))),
    el("button", { ...cross, on: { click: stop } }, icon("close")),
  );
}
