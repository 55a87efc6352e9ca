import type { Fitted, StoredImage } from "../../image.ts";
import { formats } from "../../image.ts";
import type { PlatformContext } from "../platform.ts";
import { DiscordFailure } from "./failure.ts";

/** An image of a job; `index` counts from 0. */
export interface NumberedImage {
  readonly index: number;
  readonly image: StoredImage;
}

/** The same as a file that Discord takes. */
export interface FittedImage extends NumberedImage {
  readonly file: Fitted;
}

export function numbered(images: readonly StoredImage[]): NumberedImage[] {
  return images.map((image, index) => ({ index, image }));
}

const MiB = 1024 * 1024;
/** What a bot may send in one file without a boosted server. */
export const fileBytes = 10 * MiB;
/** A request may have 25 MiB; the rest is for the text around the files. */
const requestBytes = 24.5 * MiB;
const smallestBytes = MiB;

/** Images of a job, each as a file of at most `limit` bytes. */
export function fitAll(
  images: readonly NumberedImage[],
  limit: number,
  context: Pick<PlatformContext, "fit">,
): Promise<FittedImage[]> {
  return Promise.all(
    images.map(async ({ index, image }) => ({
      ...{ index, image },
      file: await context.fit(image, { bytes: Math.floor(limit), formats }),
    })),
  );
}

/** The limit for one file when all of them must go into one message. */
export function shareOfOneMessage(files: number, limit: number): number {
  return Math.min(limit, requestBytes / files);
}

/** In order, into as few messages as hold at most `most` images and 25 MiB each. */
export function pack(images: readonly FittedImage[], most: number): FittedImage[][] {
  const packs: FittedImage[][] = [];
  let bytes = 0;
  for (const image of images) {
    const open = packs.at(-1);
    bytes += image.file.bytes;
    if (open && open.length < most && bytes <= requestBytes) open.push(image);
    else {
      packs.push([image]);
      bytes = image.file.bytes;
    }
  }
  return packs;
}

/** Sends with ever smaller files while Discord says that they are too large: its limits move, and differ by place. */
export async function sendSmallEnough<Sent>(send: (limit: number) => Promise<Sent>): Promise<Sent> {
  for (let limit = fileBytes; ; limit /= 2) {
    try {
      return await send(limit);
    } catch (error) {
      const tooLarge = error instanceof DiscordFailure && error.kind === "too-large";
      if (!tooLarge || limit / 2 < smallestBytes) throw error;
    }
  }
}
