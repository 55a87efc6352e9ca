import { el, fill } from "../../assets/dom.js";
import { fileOf, sized } from "../../assets/marks.js";
import { placedIn } from "./room.js";

const sides = ["left", "right", "top", "bottom"];
const presets = {
  zoomOut: { left: 25, right: 25, top: 25, bottom: 25 },
  wider: { left: 25, right: 25, top: 0, bottom: 0 },
  taller: { left: 0, right: 0, top: 25, bottom: 25 },
};
const shownPixels = 900;

/** Room around the image, by buttons or in percent; it is shown as it will be. */
export function createRoom({ words, image, changed }) {
  const preview = el("canvas", { className: "roomy", role: "img" });
  const status = el("p", { className: "note", role: "status" });
  const inputs = sides.map((name) => {
    const input = el("input", {
      type: "number",
      min: 0,
      max: 100,
      step: 1,
      value: presets.zoomOut[name],
      inputMode: "numeric",
    });
    input.addEventListener("input", () => show());
    return { name, input, node: el("label", { className: "option" }, el("span", {}, words[name]), input) };
  });
  const placed = () => placedIn(image, Object.fromEntries(inputs.map(({ name, input }) => [name, partOf(input)])));

  function choose(preset) {
    for (const { name, input } of inputs) input.value = presets[preset][name];
    show();
  }

  function show() {
    const place = placed();
    const scale = Math.min(1, shownPixels / Math.max(place.width, place.height));
    Object.assign(preview, { width: Math.round(place.width * scale), height: Math.round(place.height * scale) });
    drawPlaced(preview, image, place, scale);
    preview.style.setProperty("--aspect", (place.width / place.height).toFixed(4));
    preview.setAttribute("aria-label", fill(words.expandedImage, place));
    status.textContent = fill(words.newSize, place);
    changed();
  }

  const buttons = Object.keys(presets).map((name) =>
    el("button", { type: "button", className: "action plain", on: { click: () => choose(name) } }, words[name]),
  );
  const fields = el("fieldset", { className: "area" }, el("legend", {}, words.room), ...inputs.map(({ node }) => node));
  const hint = el("p", { className: "note" }, words.expandHint);
  const node = el("div", {}, hint, preview, el("div", { className: "buttons" }, ...buttons), fields, status);
  return {
    node,
    marks: [],
    shown: show,
    size: placed,
    files: (masked) => roomyFiles(image, placed(), masked),
  };
}

function partOf(input) {
  return Math.min(100, Math.max(0, input.valueAsNumber || 0)) / 100;
}

/** The image with nothing around it and, where it is wanted, the mask: transparent where nothing is. */
async function roomyFiles(image, place, masked) {
  const canvas = sized(place.width, place.height);
  drawPlaced(canvas, image, place, 1);
  const files = { canvas: await fileOf(canvas, "canvas.png") };
  if (!masked) return files;
  const mask = sized(place.width, place.height);
  mask.getContext("2d").fillRect(place.x, place.y, place.across, place.down);
  return { ...files, mask: await fileOf(mask, "mask.png") };
}

function drawPlaced(canvas, image, { x, y, across, down }, scale) {
  canvas.getContext("2d").drawImage(image, x * scale, y * scale, across * scale, down * scale);
}
