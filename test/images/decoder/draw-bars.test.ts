import sharp from "sharp";
import { expect, test } from "vitest";
import { drawBars } from "../../../src/images/decoder/draw-bars.ts";

/** Counts the dots of the bars' colour in each of as many columns as there are bars. */
async function heights(png: Buffer, bars: number): Promise<number[]> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const isFill = (column: number, row: number) => {
    const at = (row * info.width + column) * info.channels;
    return data[at] === 88 && data[at + 1] === 101 && data[at + 2] === 242;
  };
  const step = Math.floor((info.width - 40) / bars);
  return Array.from({ length: bars }, (_, bar) => {
    const column = 20 + Math.floor((bar + 0.5) * step);
    return Array.from({ length: info.height }, (__, row) => row).filter((row) => isFill(column, row)).length;
  });
}

test("bars are as high as their values, and none stands for nothing", async () => {
  const [none = -1, half = 0, full = 0] = await heights(
    await drawBars([
      { value: 0, label: 1 },
      { value: 50, label: 2 },
      { value: 100, label: 3 },
    ]),
    3,
  );
  expect(none).toBe(0);
  expect(full).toBeGreaterThan(100);
  expect(half).toBe(full / 2);
});

test("a week of nothing, and of millions, is drawn too", async () => {
  for (const value of [0, 987_654_321]) {
    const png = await drawBars(Array.from({ length: 7 }, (_, day) => ({ value, label: day + 24 })));
    expect((await sharp(png).metadata()).format).toBe("png");
  }
});
