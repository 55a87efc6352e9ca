/** Numbers from 0 to 1 that look like chance and are the same for the same seed. */
export type Chance = () => number;

/** mulberry32. */
export function chanceFrom(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A mountain range: heights from 0 to 1 over a line without end, rough at every scale. */
export function rangeFrom(chance: Chance): (x: number) => number {
  const octaves = Array.from({ length: 7 }, (_, octave) => ({
    heights: Array.from({ length: 64 }, chance),
    frequency: 2 ** octave,
    weight: 0.47 ** octave,
  }));
  const total = octaves.reduce((sum, { weight }) => sum + weight, 0);
  return (x) =>
    octaves.reduce((sum, { heights, frequency, weight }) => sum + weight * between(heights, x * frequency), 0) / total;
}

function between(heights: readonly number[], x: number): number {
  const left = Math.floor(x);
  const part = x - left;
  const smooth = part * part * (3 - 2 * part);
  const [from = 0, to = 0] = [heights[left % heights.length], heights[(left + 1) % heights.length]];
  return from + (to - from) * smooth;
}
