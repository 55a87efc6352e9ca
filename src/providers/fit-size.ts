import type { Pixels } from "../image.ts";
import { type RatioSize, type Tier, tierOf } from "../request.ts";

export interface FittedSize {
  readonly size: Pixels;
  /** False when a member would notice the difference. */
  readonly exact: boolean;
}

// The rules for free sizes, the same for OpenAI and apimodels.app (OA-6, AM-12).
const multiple = 16;
const longestSide = 3840;
const widestRatio = 3;
const fewestPixels = 655_360;
const mostPixels = 8_294_400;

const longestOf: Readonly<Record<Tier, number>> = { "1K": 1536, "2K": 2048, "4K": longestSide };
const noticeable = 0.03;

/** Does it keep the rules for free sizes? */
export function isCustomSize({ width, height }: Pixels): boolean {
  const [short, long] = width < height ? [width, height] : [height, width];
  const pixels = width * height;
  return (
    width % multiple === 0 &&
    height % multiple === 0 &&
    long <= longestSide &&
    long <= widestRatio * short &&
    pixels >= fewestPixels &&
    pixels <= mostPixels
  );
}

/** The listed size of that tier whose shape is nearest; undefined when the tier has none. */
export function nearestListed({ ratio, tier }: RatioSize, sizes: readonly Pixels[]): FittedSize | undefined {
  const asked = ratio[0] / ratio[1];
  const ofTier = sizes.filter((size) => tierOf(size) === tier);
  const [first, ...others] = ofTier;
  if (!first) return undefined;
  const size = others.reduce((best, next) => (distance(next, asked) < distance(best, asked) ? next : best), first);
  return fitted(size, asked);
}

/** The listed size of exactly this shape, else the largest of the tier and shape that keeps the rules for free sizes. */
export function customSize(asked: RatioSize, sizes: readonly Pixels[]): FittedSize {
  const listed = nearestListed(asked, sizes);
  if (listed && listed.size.width * asked.ratio[1] === listed.size.height * asked.ratio[0]) return listed;
  const ratio = asked.ratio[0] / asked.ratio[1];
  const shape = Math.min(Math.max(ratio, 1 / ratio), widestRatio);
  const long = Math.min(longestOf[asked.tier], below(Math.sqrt(mostPixels * shape)));
  const nearest = Math.round(long / shape / multiple) * multiple;
  const short = long * nearest > mostPixels ? nearest - multiple : nearest;
  return fitted(ratio < 1 ? { width: short, height: long } : { width: long, height: short }, ratio);
}

function fitted(size: Pixels, asked: number): FittedSize {
  return { size, exact: distance(size, asked) < noticeable };
}

/** How far apart two shapes are; the same for a shape lying down and standing up. */
function distance({ width, height }: Pixels, ratio: number): number {
  return Math.abs(Math.log(width / height / ratio));
}

function below(value: number): number {
  return Math.floor(value / multiple) * multiple;
}
