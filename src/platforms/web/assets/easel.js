import { debounce, el } from "./dom.js";
import { paintByKeys } from "./key-pen.js";
import { drawMark, drawMarks, markedPercent } from "./marks.js";

const shownPixels = 1400;
const pauseMs = 120;

/**
 * An image to paint on, by mouse, finger, pen or keys. `marks` is the list that strokes are added to; `chosen()` gives
 * the brush; `painted(percent)` is called now and then; `say(words)` is told where the pen of the keys is.
 */
export function createEasel({ image, label, marks, chosen, painted, say }) {
  const scale = Math.min(1, shownPixels / Math.max(image.width, image.height));
  const size = { width: Math.round(image.width * scale), height: Math.round(image.height * scale) };
  const picture = el("canvas", size);
  picture.getContext("2d").drawImage(image, 0, 0, size.width, size.height);
  const layer = el("canvas", { ...size, className: "layer", tabIndex: 0, role: "application", "aria-label": label });
  const node = el("div", { className: "easel" }, picture, layer);
  node.style.setProperty("--aspect", (image.width / image.height).toFixed(4));

  const measure = () => painted(markedPercent(marks, image));
  const redraw = () => {
    drawMarks(layer, marks);
    measure();
  };
  const strokes = strokesOn(layer, marks, chosen, debounce(measure, pauseMs));
  paintByPointer(layer, strokes);
  node.append(paintByKeys(layer, strokes, say));
  return {
    node,
    redraw,
    add(mark) {
      marks.push(mark);
      redraw();
    },
    back(count) {
      marks.splice(-count, count);
      redraw();
    },
  };
}

/**
 * The image at `url`, or in `file`, with its pixels.
 * @param {{ url?: string, file?: Blob }} source
 */
export async function pixelsOf({ url, file }) {
  if (file) return createImageBitmap(file);
  const image = new Image();
  image.src = url;
  await image.decode();
  return createImageBitmap(image);
}

/** Draws strokes as they grow: `painted` is called now and then. */
function strokesOn(layer, marks, chosen, painted) {
  let stroke;
  return {
    begin() {
      stroke = { points: [], ...chosen() };
      marks.push(stroke);
    },
    /** Does nothing while no stroke was begun. */
    extend(points) {
      if (!stroke) return;
      const from = stroke.points.length;
      stroke.points.push(...points);
      drawMark(layer, stroke, from);
      painted();
    },
    end() {
      stroke = undefined;
    },
  };
}

function paintByPointer(layer, strokes) {
  const pointOf = ({ clientX, clientY }) => {
    const { left, top, width, height } = layer.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  };
  const extend = (event) => {
    const moves = event.getCoalescedEvents?.() ?? [];
    strokes.extend((moves.length > 0 ? moves : [event]).map(pointOf));
  };
  layer.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    layer.setPointerCapture(event.pointerId);
    strokes.begin();
    extend(event);
  });
  layer.addEventListener("pointermove", extend);
  for (const end of ["pointerup", "pointercancel"]) layer.addEventListener(end, () => strokes.end());
}
