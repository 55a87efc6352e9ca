import { el } from "./dom.js";

const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const step = 0.02;
const longStep = 0.1;

/**
 * Paints by keys alone: arrows move a pen over the image, with Shift further; Space or Enter puts it down and lifts it.
 * Gives back the sign that shows where it is; `say({ down, x, y })` is told, in percent.
 */
export function paintByKeys(layer, strokes, say) {
  const pen = { x: 0.5, y: 0.5, down: false };
  const sign = el("span", { className: "pen", hidden: true, "aria-hidden": "true" });

  function show() {
    sign.style.left = `${pen.x * 100}%`;
    sign.style.top = `${pen.y * 100}%`;
    sign.classList.toggle("down", pen.down);
    say({ down: pen.down, x: Math.round(pen.x * 100), y: Math.round(pen.y * 100) });
  }

  function lift() {
    if (pen.down) strokes.end();
    pen.down = false;
  }

  function press() {
    if (pen.down) lift();
    else {
      pen.down = true;
      strokes.begin();
      strokes.extend([[pen.x, pen.y]]);
    }
    show();
  }

  function move([across, down], far) {
    const by = far ? longStep : step;
    pen.x = within(pen.x + across * by);
    pen.y = within(pen.y + down * by);
    if (pen.down) strokes.extend([[pen.x, pen.y]]);
    show();
  }

  onPenKeys(layer, (direction, event) => {
    sign.hidden = false;
    if (direction) move(direction, event.shiftKey);
    else if (!event.repeat) press();
  });
  for (const other of ["pointerdown", "blur"]) {
    layer.addEventListener(other, () => {
      lift();
      sign.hidden = true;
    });
  }
  return sign;
}

/** `act` is given the direction of an arrow key, and none for the keys that put the pen down. */
function onPenKeys(layer, act) {
  layer.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = moves[event.key];
    if (!direction && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    act(direction, event);
  });
}

function within(part) {
  return Math.min(1, Math.max(0, Math.round(part * 1000) / 1000));
}
