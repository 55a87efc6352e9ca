import { byId, el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** The button that opens the mask, while there is an image to paint on. `setMask(file)` takes the mask, or undefined. */
export function createMarking({ words, setMask }) {
  const strip = byId("marking");
  let base;
  let painted; // `{ key, marks }`: a mask belongs to one image

  async function open() {
    const { openMask } = await import("./mask.js"); // most visits mark nothing
    await openMask({
      words,
      source: base.source,
      marks: painted?.marks,
      done(file, marks) {
        painted = { key: base.key, marks };
        setMask(file);
      },
    });
  }
  const mark = el("button", { type: "button", className: "action plain", id: "mark", on: { click: open } });
  mark.append(icon("brush"), el("span", {}, words.mark));

  /** Says that there is a mask, and takes it away at a press. */
  function noteOf(field) {
    const label = fill(words.remove, { name: field.label });
    const cross = { type: "button", className: "round small", title: label, "aria-label": label };
    const forget = el("button", { ...cross, on: { click: () => setMask(undefined) } }, icon("close"));
    return [el("span", { className: "note" }, words.masked), forget];
  }

  /** A mask of another image, or one that was taken away, is painted no more; true when there was one. */
  function forgetStale(masked) {
    const isStale = painted !== undefined && (painted.key !== base?.key || !masked);
    if (isStale) painted = undefined;
    return isStale;
  }

  return {
    /** `field` is undefined when the form takes no mask. */
    show({ field, base: given, masked }) {
      base = given;
      strip.hidden = !(field && base);
      if (forgetStale(masked) && masked) return setMask(undefined);
      if (strip.hidden) return strip.replaceChildren();
      if (strip.firstChild !== mark) strip.replaceChildren(mark);
      while (mark.nextSibling) mark.nextSibling.remove();
      if (masked) mark.after(...noteOf(field));
    },
  };
}
