import type { ImageFormat, Pixels, StoredImage } from "./image.ts";

/** Money, everywhere and always: whole credits; one credit is US$ 0.001. */
export type Credits = number;

/** The account at the service that pays for the calls of a job: the operator's, or that of its tenant, which brought a key. */
export type Payer = "operator" | "tenant";

export const qualities = ["auto", "low", "medium", "high"] as const;
export type Quality = (typeof qualities)[number];

export const backgrounds = ["auto", "opaque", "transparent"] as const;
export const fidelities = ["low", "high"] as const;

export const tiers = ["1K", "2K", "4K"] as const;
export type Tier = (typeof tiers)[number];

/** A shape with a resolution; each service turns it into the nearest pixels that it can make. */
export interface RatioSize {
  /** Width over height, both whole numbers. */
  readonly ratio: readonly [number, number];
  readonly tier: Tier;
}

/** The pixels that a shape and a tier became, for a service that can also work them out itself. */
export interface ShapedPixels extends Pixels {
  readonly shape: RatioSize;
}

export type Size = "auto" | Pixels | RatioSize;

/** A saved image that a prompt names; it is one of the references. */
export interface NamedReference {
  /** As it was saved, without its @. */
  readonly name: string;
  /** It belongs to the tenant; else to the member alone. */
  readonly shared: boolean;
  /** Its place among the references, from 0. */
  readonly place: number;
}

/** A member's request, in no service's dialect. */
export interface Request {
  readonly prompt: string;
  /** With references this is an edit. */
  readonly references: readonly StoredImage[];
  /** Transparent where the first reference is to be redrawn; same pixels as that reference. */
  readonly mask?: StoredImage;
  readonly size: Size;
  readonly quality: Quality;
  readonly count: number;
  readonly format: ImageFormat;
  /** 0 to 100, for jpeg and webp. */
  readonly compression?: number;
  readonly background: (typeof backgrounds)[number];
  readonly fidelity: (typeof fidelities)[number];
  readonly moderation: "auto" | "low";
  /** The service that the member insists on. */
  readonly provider?: string;
  readonly private: boolean;
  /** The name of the style that gave it words, options or references; they stand in it already. */
  readonly style?: string;
  /** The saved images that the prompt names, in the order of the references. */
  readonly named?: readonly NamedReference[];
  /** Words behind an @ in the prompt that name no saved image: they stay words. */
  readonly plainNames?: readonly string[];
  /** Set on each part of a batch. */
  readonly batch?: BatchNote;
}

/** The batch that a request is a part of. */
export interface BatchNote {
  /** The prompt as it was written, with its alternatives. */
  readonly written: string;
  /** The number of its parts. */
  readonly size: number;
  /** The parts differ by their prompts, by their services alone, or by both. */
  readonly by: "prompts" | "services" | "both";
}

/** Something that the chosen service cannot do as asked, and what it does instead, or else good to know; shown with the quote. */
export type Change =
  | { readonly code: "size-snapped"; readonly from: string; readonly to: string }
  | { readonly code: "option-dropped"; readonly option: string }
  /** An animation among the references is used as its first frame. */
  | { readonly code: "first-frame" }
  /** The saved images that the prompt names, which it starts from. */
  | { readonly code: "references-named"; readonly references: readonly Pick<NamedReference, "name" | "shared">[] }
  /** Words behind an @ that name none. */
  | { readonly code: "names-unknown"; readonly names: readonly string[] }
  /** This job brought a budget low, the tenant's month or everybody's day. */
  | {
      readonly code: "budget-low";
      readonly scope: "tenant" | "global";
      readonly spent: Credits;
      readonly limit: Credits;
      /** Milliseconds since 1970. */
      readonly renewsAt: number;
    };

/** The highest cost of a request, the service it goes to, and what had to change for that. */
export interface Quote {
  readonly provider: string;
  /** Undefined while the size is `auto`: then the dearest tier is held and the measured one is charged. */
  readonly tier?: Tier;
  /** Price of one image to the member, at most. */
  readonly unit: Credits;
  /** unit x count: what is held. */
  readonly total: Credits;
  readonly changes: readonly Change[];
}

/** The service of one model among several (`openai/gpt-image-1.5` gives `openai`); of any other name, the name itself. */
export function serviceOf(provider: string): string {
  return provider.split("/", 1)[0] ?? provider;
}

/** The tier by the longest side; TokenHub and apimodels.app agree on the borders (TH-9 to TH-11, AM-10). */
export function tierOf({ width, height }: Pixels): Tier {
  const longest = Math.max(width, height);
  if (longest <= 1536) return "1K";
  return longest <= 2048 ? "2K" : "4K";
}

/** Width over height in the smallest whole numbers. */
export function shapeOf({ width, height }: Pixels): readonly [number, number] {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const common = divisor(width, height);
  return [width / common, height / common];
}

export function isPixels(size: Size): size is Pixels {
  return size !== "auto" && "width" in size;
}

/** The shape and tier that pixels were made of; undefined for pixels that somebody chose. */
export function shapeIn(size: Pixels): RatioSize | undefined {
  return "shape" in size ? (size as ShapedPixels).shape : undefined;
}

/** The prompt as a service gets it: where there are several images, it says which of them bears which name. */
export function promptForService({ prompt, references, named = [] }: Request): string {
  if (named.length === 0 || references.length < 2) return prompt;
  return [prompt, "", ...named.map(({ name, place }) => `Image ${place + 1}: @${name}`)].join("\n");
}

/** Writes a size as members do: `auto`, `2048x1152`, `2K 16:9`. */
export function sizeText(size: Size): string {
  if (size === "auto") return "auto";
  return isPixels(size) ? `${size.width}x${size.height}` : `${size.tier} ${size.ratio.join(":")}`;
}

/**
 * Reads a size as members write it: `auto`, `2048x1152`, `1024 × 1024`, `2K`, `16:9` or `2k 16:9`, in any case and order,
 * with blanks, commas, or signs of another script. A tier alone is square, a ratio alone is 1K. Undefined when it is none
 * of these.
 */
export function parseSize(text: string): Size | undefined {
  if (text.length > longestSizeText) return undefined;
  const plain = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[,;/、，；|()]/g, " ")
    .replace(/px\b|pixels?\b/g, " ");
  const joined = plain.replace(/\s*([x*:×✕✖⨯х∶﹕比])\s*/g, "$1").trim();
  if (joined === "auto") return "auto";
  const exact = /^(\d{1,5})[x*×✕✖⨯х](\d{1,5})$/.exec(joined);
  if (exact) return { width: Number(exact[1]), height: Number(exact[2]) };
  return parseRatioSize(joined.split(/\s+/));
}

/** Longer than any way of writing a size. */
const longestSizeText = 60;

function parseRatioSize(words: readonly string[]): RatioSize | undefined {
  let tier: Tier | undefined;
  let ratio: readonly [number, number] | undefined;
  for (const word of words) {
    const named = tiers.find((name) => name.toLowerCase() === word);
    const shape = /^([1-9]\d?)[:∶﹕比x×]([1-9]\d?)$/.exec(word);
    if (named && !tier) tier = named;
    else if (shape && !ratio) ratio = [Number(shape[1]), Number(shape[2])];
    else return undefined;
  }
  return tier || ratio ? { ratio: ratio ?? [1, 1], tier: tier ?? "1K" } : undefined;
}
