import { openDialog } from "./dialogs.js";
import { debounce, el, fill } from "./dom.js";
import { drawMark, drawMarks, markedPercent, maskFile } from "./marks.js";

const shownPixels = 1400;
const pauseMs = 120;

/** Lets the member paint over an image (`{ url }` or `{ file }`); `done(file, marks)` is given the mask. */
export async function openMask({ words, source, marks: before = [], done }) {
  const image = await pixelsOf(source);
  const marks = [...before];
  const scale = Math.min(1, shownPixels / Math.max(image.width, image.height));
  const size = { width: Math.round(image.width * scale), height: Math.round(image.height * scale) };
  const picture = el("canvas", size);
  picture.getContext("2d").drawImage(image, 0, 0, size.width, size.height);
  const layer = el("canvas", { ...size, className: "layer", role: "img", "aria-label": words.markLabel });
  const status = el("p", { className: "note", role: "status" });
  const use = el("button", { type: "button", className: "action primary" }, words.useMask);

  const measure = () => {
    const percent = markedPercent(marks, image);
    status.textContent = percent === 0 ? words.nothingMarked : fill(words.marked, { percent });
    use.disabled = percent === 0;
  };
  const redraw = () => {
    drawMarks(layer, marks);
    measure();
  };
  const add = (mark) => {
    marks.push(mark);
    redraw();
  };
  const back = (count) => {
    marks.splice(-count, count);
    redraw();
  };
  const brush = brushControls(words, { undo: () => back(1), clear: () => back(marks.length) });
  paintOn(layer, marks, brush.chosen, debounce(measure, pauseMs));
  use.addEventListener("click", async () => {
    done(await maskFile(marks, image), marks);
    dialog.close();
  });

  const easel = el("div", { className: "easel" }, picture, layer);
  easel.style.setProperty("--aspect", (image.width / image.height).toFixed(4));
  const hint = el("p", { className: "note" }, words.markHint);
  const foot = el("div", { className: "buttons" }, use, status);
  const parts = [hint, easel, brush.node, areaControls(words, add), foot];
  const dialog = openDialog({ title: words.mark, close: words.close, className: "wide" }, ...parts);
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.matches("input:not([type=range])"))
      return;
    event.preventDefault();
    back(1);
  });
  redraw();
}

async function pixelsOf({ url, file }) {
  if (file) return createImageBitmap(file);
  const image = new Image();
  image.src = url;
  await image.decode();
  return createImageBitmap(image);
}

/** Strokes by mouse, finger or pen; the layer is drawn at once, `painted` is called now and then. */
function paintOn(layer, marks, chosen, painted) {
  let stroke;
  const pointOf = ({ clientX, clientY }) => {
    const { left, top, width, height } = layer.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  };
  const extend = (event) => {
    const from = stroke.points.length;
    const moves = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(moves.length > 0 ? moves : [event]).map(pointOf));
    drawMark(layer, stroke, from);
    painted();
  };
  layer.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    layer.setPointerCapture(event.pointerId);
    stroke = { points: [], ...chosen() };
    marks.push(stroke);
    extend(event);
  });
  layer.addEventListener("pointermove", (event) => stroke && extend(event));
  for (const end of ["pointerup", "pointercancel"]) {
    layer.addEventListener(end, () => {
      stroke = undefined;
    });
  }
}

/** Brush or eraser and its size, as a part of the image's longer side; undo and clear. */
function brushControls(words, { undo, clear }) {
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
function areaControls(words, add) {
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
