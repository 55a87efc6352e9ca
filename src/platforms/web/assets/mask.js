import { openDialog } from "./dialogs.js";
import { el, fill } from "./dom.js";
import { createEasel, pixelsOf } from "./easel.js";
import { maskFile } from "./marks.js";

/** Lets the member paint over an image (`{ url }` or `{ file }`); `done(file, marks)` is given the mask. */
export async function openMask({ words, source, marks: before = [], done }) {
  const image = await pixelsOf(source);
  const marks = [...before];
  const status = el("p", { className: "note", role: "status" });
  const pen = el("p", { className: "unseen", role: "status" });
  const use = el("button", { type: "button", className: "action primary" }, words.useMask);

  const painted = (percent) => {
    status.textContent = percent === 0 ? words.nothingMarked : fill(words.marked, { percent });
    use.disabled = percent === 0;
  };
  const say = ({ down, ...at }) => {
    pen.textContent = fill(down ? words.penDown : words.penUp, at);
  };
  const brush = brushControls(words, { undo: () => easel.back(1), clear: () => easel.back(marks.length) });
  const easel = createEasel({ image, label: words.markLabel, marks, chosen: brush.chosen, painted, say });
  use.addEventListener("click", async () => {
    done(await maskFile(marks, image), marks);
    dialog.close();
  });

  const hint = el("p", { className: "note" }, words.markHint);
  const foot = el("div", { className: "buttons" }, use, status, pen);
  const parts = [hint, easel.node, brush.node, areaControls(words, easel.add), foot];
  const dialog = openDialog({ title: words.mark, close: words.close, className: "wide" }, ...parts);
  undoByKeys(dialog, () => easel.back(1));
  easel.redraw();
}

/** Ctrl+Z (or Cmd+Z) anywhere but in a line of text takes the last mark back. */
export function undoByKeys(node, undo) {
  node.addEventListener("keydown", (event) => {
    const inText = event.target.matches("textarea, input:not([type=range], [type=radio])");
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || inText) return;
    event.preventDefault();
    undo();
  });
}

/** Brush or eraser and its size, as a part of the image's longer side; undo and clear. */
export function brushControls(words, { undo, clear }) {
  const tool = (value, label, checked) => {
    const input = el("input", { type: "radio", name: "mask-tool", value, checked });
    return el("label", { className: "tool" }, input, el("span", {}, label));
  };
  const eraser = tool("erase", words.eraser, false);
  const tools = el("div", { className: "tools", role: "radiogroup", "aria-label": words.mark });
  tools.append(tool("paint", words.brush, true), eraser);
  const range = el("input", { type: "range", min: 1, max: 30, value: 8 });
  const size = el("label", { className: "range" }, el("span", {}, words.brushSize), range);
  const node = el("div", { className: "brushes" }, tools, size, button(words.undo, undo), button(words.clear, clear));
  const chosen = () => ({ size: Number(range.value) / 100, erase: eraser.querySelector("input").checked });
  return { node, chosen };
}

/** The same without a pointer: an area in percent, or everything. */
export function areaControls(words, add) {
  const inputs = ["left", "top", "width", "height"].map((name) => {
    const value = name === "left" || name === "top" ? 25 : 50;
    const input = el("input", { type: "number", min: 0, max: 100, step: 1, value });
    return { name, input, node: el("label", { className: "option" }, el("span", {}, words[name]), input) };
  });
  const area = () => add(Object.fromEntries(inputs.map(({ name, input }) => [name, input.valueAsNumber / 100 || 0])));
  const whole = () => add({ left: 0, top: 0, width: 1, height: 1 });
  const buttons = el("div", { className: "buttons" }, button(words.addArea, area), button(words.wholeImage, whole));
  const fields = el("div", { className: "area" }, ...inputs.map(({ node }) => node));
  return el("details", {}, el("summary", {}, words.area), fields, buttons);
}

function button(label, act) {
  return el("button", { type: "button", className: "action plain", on: { click: act } }, label);
}
