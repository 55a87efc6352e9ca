import type { Pixels } from "../../../image.ts";
import type { Quality } from "../../../request.ts";

/** A quality as a model makes it: `auto` has become one of these. */
export type MadeQuality = Exclude<Quality, "auto">;

/** Counts the output tokens of one image. */
export type CountTokens = (size: Pixels, quality: MadeQuality) => number;

const lineWeights: Readonly<Record<MadeQuality, number>> = { low: 16, medium: 48, high: 96 };

/**
 * The tokens of one image of gpt-image-2, exactly as OpenAI's own calculator counts them:
 * community.openai.com/t/1382699, which agrees with the published prices of $0.006, $0.053 and $0.211 for 1024x1024. A
 * square costs more than a wider image of as many pixels.
 */
export function imageTokens({ width, height }: Pixels, quality: MadeQuality): number {
  const weight = lineWeights[quality];
  const [short, long] = width < height ? [width, height] : [height, width];
  const lines = Math.round((weight * short) / long);
  return Math.ceil((weight * lines * (2_000_000 + width * height)) / 4_000_000);
}

/** OpenAI's guide to image generation, "Cost and latency": the three sizes that models before gpt-image-2 make. */
const firstTokens: Readonly<Record<MadeQuality, Readonly<Record<Shape, number>>>> = {
  low: { square: 272, tall: 408, wide: 400 },
  medium: { square: 1056, tall: 1584, wide: 1568 },
  high: { square: 4160, tall: 6240, wide: 6208 },
};

type Shape = "square" | "tall" | "wide";

/** The tokens of one image of gpt-image-1, -1-mini, -1.5 and chatgpt-image-latest, by its shape. */
export function firstImageTokens({ width, height }: Pixels, quality: MadeQuality): number {
  if (width === height) return firstTokens[quality].square;
  return firstTokens[quality][width < height ? "tall" : "wide"];
}

/** 1.2 for each of at most 1536 patches of 32 pixels: no reference is larger to gpt-image-2. */
const mostByPatches = 1844;
/** 65, and 129 for each of at most 4 tiles of 512 pixels, once the image is fitted into 2048 and its short side to 512. */
const mostByTiles = 65 + 4 * 129;
/** At high fidelity an image counts so much more, if it is not square. */
const highFidelity = 6240;

/** The most input tokens of one reference to gpt-image-2 and later. */
export function patchesOfReference(): number {
  return mostByPatches;
}

/** The most input tokens of one reference to the models before gpt-image-2 (the same guide, "Calculating costs"). */
export function tilesOfReference(fidelity: "low" | "high"): number {
  return mostByTiles + (fidelity === "high" ? highFidelity : 0);
}
