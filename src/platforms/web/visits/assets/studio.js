import { el, fill } from "../../assets/dom.js";
import { createEasel } from "../../assets/easel.js";
import { maskFile } from "../../assets/marks.js";
import { areaControls, brushControls, undoByKeys } from "../../assets/mask.js";
import { createRoom } from "./expand.js";
import { markedCopy } from "./markup.js";
import { sizeWords } from "./room.js";

/**
 * The image and what is done to it: marked, drawn on, or given room around it. `order(takesMask)` makes the files of what
 * was done; `facts(takesMask)` says which there are, without making them.
 */
export function createStudio({ me, image, changed }) {
  const words = me.words.paint;
  const label = `${words.layer} ${me.image.alt}`;
  const panels = {
    mask: createPanel({ words, image, label, changed, hint: words.maskHint }),
    draw: createPanel({ words, image, label, changed, hint: words.drawHint, colours: words.colours }),
    expand: createRoom({ words, image, changed }),
  };
  let mode = "mask";
  /** @type {(mode: string) => void} */
  let modeChanged = () => {};
  const place = el("div", { className: "panel" });
  const note = el("p", { className: "note", role: "status" });

  function show(name) {
    mode = name;
    place.replaceChildren(panels[mode].node);
    panels[mode].shown();
    modeChanged(mode);
    changed();
  }

  const facts = (takesMask) => {
    const isMarked = mode !== "expand" && panels[mode].marks.length > 0;
    const masked = mode === "expand" ? takesMask : mode === "mask" && isMarked && takesMask;
    const added = isMarked && !masked ? 1 : 0;
    note.textContent = mode === "mask" && isMarked && !takesMask ? words.maskMissing : "";
    const room = mode === "expand" ? panels.expand.size() : undefined;
    return { masked, added, canvas: room !== undefined, size: room && sizeWords(room) };
  };

  async function order(takesMask) {
    const { masked, added, canvas, size } = facts(takesMask);
    const { marks } = panels[mode];
    if (canvas) return { size, ...(await panels.expand.files(masked)) };
    if (masked) return { mask: await maskFile(marks, image) };
    return added ? { markup: await markedCopy(image, marks) } : {};
  }

  const node = el("div", { className: "easels" }, modes(words, show), place, note);
  show(mode);
  return {
    node,
    facts,
    order,
    onMode(listener) {
      modeChanged = listener;
    },
  };
}

/** Choices of what is done to the image. */
function modes(words, show) {
  const choices = ["mask", "draw", "expand"].map((name) => {
    const input = el("input", { type: "radio", name: "mode", value: name, checked: name === "mask" });
    input.addEventListener("change", () => show(name));
    return el("label", { className: "tool" }, input, el("span", {}, words[name]));
  });
  return el("div", { className: "tools modes", role: "radiogroup", "aria-label": words.mode }, ...choices);
}

/**
 * An easel with its tools; with `colours`, one to draw on.
 * @param {{ words: any, image: ImageBitmap, label: string, changed: () => void, hint: string, colours?: object }} given
 */
function createPanel({ words, image, label, changed, hint, colours }) {
  const marks = [];
  const status = el("p", { className: "note", role: "status" });
  const pen = el("p", { className: "unseen", role: "status" });
  const palette = colours && colourControls(words.colour, colours);
  const inColour = (mark) => (palette ? { ...mark, color: palette.chosen() } : mark);
  const tools = { undo: () => easel.back(1), clear: () => easel.back(marks.length) };
  const brush = brushControls({ ...words, mark: words.tool }, tools);
  const easel = createEasel({
    ...{ image, label, marks },
    chosen: () => inColour({ ...brush.chosen(), ...(palette ? { size: brush.chosen().size / 4 } : {}) }),
    painted(percent) {
      status.textContent = percent === 0 ? words.nothingMarked : fill(words.marked, { percent });
      changed();
    },
    say: ({ down, ...at }) => {
      pen.textContent = fill(down ? words.penDown : words.penUp, at);
    },
  });
  easel.node.classList.toggle("ink", palette !== undefined);
  const area = areaControls(words, (mark) => easel.add(inColour(mark)));
  const node = el(
    "div",
    {},
    el("p", { className: "note" }, hint),
    easel.node,
    palette?.node,
    brush.node,
    area,
    status,
    pen,
  );
  undoByKeys(node, () => easel.back(1));
  return { node, marks, shown: () => easel.redraw() };
}

function colourControls(label, colours) {
  const [first] = Object.keys(colours);
  const inputs = Object.entries(colours).map(([value, name]) => {
    const input = el("input", { type: "radio", name: "colour", value, checked: value === first });
    const patch = el("span", { className: "patch", "aria-hidden": "true" });
    patch.style.backgroundColor = value;
    return { input, node: el("label", { className: "tool" }, input, patch, el("span", {}, name)) };
  });
  const node = el(
    "div",
    { className: "tools", role: "radiogroup", "aria-label": label },
    ...inputs.map((one) => one.node),
  );
  return { node, chosen: () => inputs.find(({ input }) => input.checked)?.input.value ?? first };
}
