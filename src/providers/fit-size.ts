import type { Pixels } from "../image.ts";
import { isPixels, type RatioSize, type ShapedPixels, type Size, sizeText, type Tier, tierOf } from "../request.ts";
import type { Capabilities } from "./provider.ts";

export interface FittedSize<Kind extends Size = Size> {
  readonly size: Kind;
  /** False when a member would notice the difference. */
  readonly exact: boolean;
}

type SizeRules = Pick<Capabilities, "sizes" | "customSizes" | "ratios" | "shapesToo" | "autoSize">;

// The rules for free sizes, the same for OpenAI and apimodels.app (OA-6, AM-12).
const multiple = 16;
const longestSide = 3840;
const widestRatio = 3;
const fewestPixels = 655_360;
const mostPixels = 8_294_400;

const longestOf: Readonly<Record<Tier, number>> = { "1K": 1536, "2K": 2048, "4K": longestSide };
const noticeable = 0.03;

/** The nearest size that a service takes, in the way in which it takes sizes; undefined when none comes near. Pure. */
export function fitSize(size: Size, rules: SizeRules): FittedSize | undefined {
  const { sizes, customSizes, ratios, autoSize } = rules;
  if (size === "auto") return autoSize ? { size, exact: true } : undefined;
  if (ratios.length > 0) return nearestRatio(size, ratios);
  if (!isPixels(size)) return pixelsOf(size, rules);
  const listed = sizes.some(({ width, height }) => width === size.width && height === size.height);
  return listed || (customSizes && isCustomSize(size)) ? { size, exact: true } : undefined;
}

/** Pixels keep the shape only where the service takes it, and where they are of it. */
function pixelsOf(size: RatioSize, { sizes, customSizes, shapesToo }: SizeRules): FittedSize<Pixels> | undefined {
  const fit = customSizes ? customSize(size, sizes) : nearestListed(size, sizes);
  return fit?.exact && shapesToo ? { ...fit, size: { ...fit.size, shape: size } as ShapedPixels } : fit;
}

/** Lists the sizes that a member may write instead, for a refusal. */
export function allowedSizes({ sizes, ratios, autoSize }: SizeRules): readonly string[] {
  return [...sizes.map(sizeText), ...ratios.map((ratio) => ratio.join(":")), ...(autoSize ? ["auto"] : [])];
}

/** The size that keeps the rules for free sizes and comes nearest to pixels that break them; undefined where there are no such rules. */
export function nearestSize(asked: Size, { customSizes }: SizeRules): Pixels | undefined {
  if (!customSizes || asked === "auto" || !isPixels(asked) || asked.width < 1 || asked.height < 1) return undefined;
  const { width, height } = intoBounds(asked);
  const near = (side: number) => [-2, -1, 0, 1, 2].map((step) => Math.round(side / multiple + step) * multiple);
  const possible = near(width).flatMap((across) => near(height).map((down) => ({ width: across, height: down })));
  // Another shape is noticed before another size.
  const away = (size: Pixels) =>
    distance(size.width, asked.width) +
    distance(size.height, asked.height) +
    distance(shapeOf(size), shapeOf({ width, height }));
  return possible.filter(isCustomSize).toSorted((one, other) => away(one) - away(other))[0];
}

/** The shape no wider than possible, then no larger and no smaller. */
function intoBounds({ width, height }: Pixels): Pixels {
  const across = Math.min(Math.max(width, height / widestRatio), height * widestRatio);
  const area = Math.min(Math.max(across * height, fewestPixels), mostPixels);
  const scale = Math.min(Math.sqrt(area / (across * height)), longestSide / Math.max(across, height));
  return { width: across * scale, height: height * scale };
}

/** The offered shape that is nearest, at the tier that was asked for; undefined for pixels without an area. */
export function nearestRatio(
  asked: Pixels | RatioSize,
  ratios: Capabilities["ratios"],
): FittedSize<RatioSize> | undefined {
  const [width, height] = isPixels(asked) ? [asked.width, asked.height] : asked.ratio;
  const tier = isPixels(asked) ? tierOf(asked) : asked.tier;
  const shape = width / height;
  const ratio = nearest(ratios, shape, ([across, down]) => across / down);
  if (!ratio || width < 1 || height < 1) return undefined;
  const same = ratio[0] * height === ratio[1] * width;
  // Whoever writes pixels means just these, whoever writes a ratio a look.
  const alike = !isPixels(asked) && distance(ratio[0] / ratio[1], shape) < noticeable;
  return { size: { ratio, tier }, exact: same || alike };
}

/** Tells whether a size keeps the rules for free sizes. */
function isCustomSize({ width, height }: Pixels): boolean {
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
function nearestListed({ ratio, tier }: RatioSize, sizes: readonly Pixels[]): FittedSize<Pixels> | undefined {
  const asked = ratio[0] / ratio[1];
  const ofTier = sizes.filter((size) => tierOf(size) === tier);
  const size = nearest(ofTier, asked, shapeOf);
  return size && fitted(size, asked);
}

/** The listed size of exactly this shape, else the largest of the tier and shape that keeps the rules for free sizes. */
function customSize(asked: RatioSize, sizes: readonly Pixels[]): FittedSize<Pixels> {
  const listed = nearestListed(asked, sizes);
  if (listed && listed.size.width * asked.ratio[1] === listed.size.height * asked.ratio[0]) return listed;
  const ratio = asked.ratio[0] / asked.ratio[1];
  const shape = Math.min(Math.max(ratio, 1 / ratio), widestRatio);
  const long = Math.min(longestOf[asked.tier], below(Math.sqrt(mostPixels * shape)));
  const rounded = Math.round(long / shape / multiple) * multiple;
  const short = long * rounded > mostPixels ? rounded - multiple : rounded;
  return fitted(ratio < 1 ? { width: short, height: long } : { width: long, height: short }, ratio);
}

function fitted(size: Pixels, asked: number): FittedSize<Pixels> {
  return { size, exact: distance(shapeOf(size), asked) < noticeable };
}

/** The first of those whose shape is nearest. */
function nearest<One>(all: readonly One[], asked: number, shape: (one: One) => number): One | undefined {
  const [first, ...others] = all;
  if (first === undefined) return undefined;
  const away = (one: One) => distance(shape(one), asked);
  return others.reduce((best, next) => (away(next) < away(best) ? next : best), first);
}

function shapeOf({ width, height }: Pixels): number {
  return width / height;
}

/** How far apart two shapes are; the same for a shape lying down and standing up. */
function distance(one: number, other: number): number {
  return Math.abs(Math.log(one / other));
}

function below(value: number): number {
  return Math.floor(value / multiple) * multiple;
}
