/** One value of a chart, with the short number below it. */
export interface Bar {
  readonly value: number;
  readonly label: number;
}

/** Rows of dots: a bare container has no fonts at all. */
const digits = [
  ["111", "101", "101", "101", "111"],
  ["010", "110", "010", "010", "111"],
  ["111", "001", "111", "100", "111"],
  ["111", "001", "111", "001", "111"],
  ["101", "101", "111", "001", "001"],
  ["111", "100", "111", "001", "111"],
  ["111", "100", "111", "101", "111"],
  ["111", "001", "010", "010", "010"],
  ["111", "101", "111", "101", "111"],
  ["111", "101", "111", "001", "111"],
] as const;

type Colour = readonly [number, number, number];
const paper: Colour = [255, 255, 255];
const ink: Colour = [60, 64, 72];
const line: Colour = [208, 211, 217];
const fill: Colour = [88, 101, 242];

const [width, height] = [720, 300];
const [left, top, bottom] = [20, 40, 40];
const dot = 4;

/** A picture in memory, three bytes a dot. */
class Canvas {
  readonly pixels = Buffer.alloc(width * height * 3, Buffer.from(paper));

  /** Outside of the picture nothing is drawn. */
  rectangle(x: number, y: number, wide: number, high: number, colour: Colour): void {
    for (let row = Math.max(0, y); row < Math.min(height, y + high); row += 1) {
      for (let column = Math.max(0, x); column < Math.min(width, x + wide); column += 1) {
        this.pixels.set(colour, (row * width + column) * 3);
      }
    }
  }

  /** A whole number, centred. */
  number(value: number, centre: number, y: number): void {
    const text = String(Math.round(value));
    const start = centre - Math.floor((text.length * 4 - 1) * dot * 0.5);
    for (const [place, digit] of [...text].entries()) {
      for (const [row, dots] of (digits[Number(digit)] ?? []).entries()) {
        for (const [column, on] of [...dots].entries()) {
          if (on === "1") this.rectangle(start + (place * 4 + column) * dot, y + row * dot, dot, dot, ink);
        }
      }
    }
  }
}

/** Draws values that are not below zero as bars, each with its value above and its label below; a PNG. */
export async function drawBars(bars: readonly Bar[]): Promise<Buffer> {
  const canvas = new Canvas();
  const floor = height - bottom;
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const step = Math.floor((width - 2 * left) / Math.max(1, bars.length));
  canvas.rectangle(left, floor, width - 2 * left, 2, line);
  for (const [index, { value, label }] of bars.entries()) {
    const centre = left + Math.floor((index + 0.5) * step);
    const high = Math.round((value / most) * (floor - top));
    canvas.rectangle(centre - Math.floor(step * 0.3), floor - high, Math.floor(step * 0.6), high, fill);
    canvas.number(value, centre, floor - high - 6 * dot);
    canvas.number(label, centre, floor + 10);
  }
  const { default: sharp } = await import("sharp"); // only processes that draw a chart load it
  return sharp(canvas.pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
