import type { Pixels } from "../../../src/image.ts";

/** How OpenAI bills one model, as its pages have it; dollars for a million tokens, so millionths of a dollar for one. */
export interface Bill {
  readonly text: readonly [usual: number, cached: number];
  readonly image: readonly [usual: number, cached: number];
  readonly output: number;
  outputTokens(made: Pixels, quality: string): number;
  /** One reference of that fidelity. */
  readonly referenceTokens: (fidelity: string) => number;
  /** It makes three sizes only. */
  readonly fewSizes: boolean;
  readonly transparent: boolean;
  /** It takes `input_fidelity`. */
  readonly fidelity: boolean;
}

/** As the forum found it in OpenAI's own calculator, in whole numbers. */
export function outputTokens({ width, height }: Pixels, quality: string): number {
  const weight = { low: 16, medium: 48, high: 96 }[quality] ?? Number.NaN;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const lines = Math.floor((2 * weight * short + long) / (2 * long));
  return Math.floor((weight * lines * (2_000_000 + width * height) + 3_999_999) / 4_000_000);
}

/** The table of the guide, for models before gpt-image-2. */
const firstTable: Readonly<Record<string, number>> = {
  "low 1024x1024": 272,
  "low 1024x1536": 408,
  "low 1536x1024": 400,
  "medium 1024x1024": 1056,
  "medium 1024x1536": 1584,
  "medium 1536x1024": 1568,
  "high 1024x1024": 4160,
  "high 1024x1536": 6240,
  "high 1536x1024": 6208,
};

const first = {
  outputTokens: ({ width, height }: Pixels, quality: string) =>
    firstTable[`${quality} ${width}x${height}`] ?? Number.NaN,
  // A square of 512 pixels: 65 and one tile of 129; high fidelity adds as much as such an image costs.
  referenceTokens: (fidelity: string) => 65 + 129 + (fidelity === "high" ? 4160 : 0),
  fewSizes: true,
  transparent: true,
  fidelity: true,
};
const later = {
  text: [5, 1.25],
  image: [8, 2],
  output: 30,
  outputTokens,
  referenceTokens: () => 1844,
  fewSizes: false,
  transparent: false,
  fidelity: false,
} as const;

export const bills: Readonly<Record<string, Bill>> = {
  "gpt-image-2": later,
  "gpt-image-2-2026-04-21": later,
  "gpt-image-1.5": { ...first, text: [5, 1.25], image: [8, 2], output: 32 },
  "chatgpt-image-latest": { ...first, text: [5, 1.25], image: [8, 2], output: 32 },
  "gpt-image-1-mini": { ...first, text: [2, 0.2], image: [2.5, 0.25], output: 8, fidelity: false },
  "gpt-image-1": { ...first, text: [5, 1.25], image: [10, 2.5], output: 40 },
  // What it takes by quality is not published: this one takes so much.
  "gpt-image-2.6-flare": {
    ...later,
    outputTokens: (_made, quality) => ({ low: 664, medium: 1100, high: 1353 })[quality] ?? Number.NaN,
  },
};
