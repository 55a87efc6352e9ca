import { open } from "node:fs/promises";
import { join } from "node:path";
import { singleFlight } from "../flow/single-flight.ts";
import type { FileLimit, Fitted, StoredImage } from "../image.ts";
import type { Log } from "../world.ts";
import type { DecoderTask } from "./decoder/decoder-task.ts";
import type { Decoders } from "./decoder/decoders.ts";
import { isAnimation } from "./inspect.ts";
import { formatOf } from "./magic.ts";
import type { Spool } from "./spool/spool.ts";
import { isInput } from "./spool/spool-keys.ts";

/** When the whole image brings the decoder down, a smaller one is made; most decoders need less memory for that. */
const fallbackSide = 1280;

export interface FitDeps {
  readonly spool: Spool;
  readonly decoders: Decoders;
  readonly log: Log;
  /** For one try. */
  readonly decodeMs: number;
  /** New files of a model's images say that a model made them. */
  readonly marksOrigin: boolean;
}

/** Makes files of images that a place can take. */
export type Fit = (image: StoredImage, limit: FileLimit) => Promise<Fitted>;

/**
 * The file of an image when a place can take it as it is, byte for byte; else the best one made from it that the place
 * can take, made once and the same bytes ever after; of an animation its first frame, which says so. Transparency is kept
 * when the place takes WebP or PNG. Throws when the image is gone, cannot be decoded at all, or even a few pixels are too many.
 */
export function createFit(deps: FitDeps): Fit {
  const { spool, marksOrigin } = deps;
  const makeOnce = singleFlight<void>();

  return async (image, limit) => {
    const { format, bytes, file } = image;
    if (!(await spool.has(file))) throw new Error(`The image ${file} is gone`);
    if (bytes <= limit.bytes && limit.formats.includes(format)) {
      return { path: spool.pathOf(file), format, bytes, changed: false };
    }
    const marked = marksOrigin && !isInput(file); // a member's own file is not claimed
    const mark = marked ? ["marked"] : [];
    const version = [image.sha256.slice(0, 16), limit.bytes, ...limit.formats.toSorted(), ...mark].join("-");
    const path = spool.fittedPath(file, version);
    await makeOnce(path, async () => {
      if (!(await spool.exists(path))) await make(deps, image, { limit, marked }, path);
    });
    const fitted = await describe(path);
    return (await isAnimation(spool.pathOf(file), format)) ? { ...fitted, firstFrame: true } : fitted;
  };
}

interface Wanted {
  readonly limit: FileLimit;
  readonly marked: boolean;
}

function make(deps: FitDeps, image: StoredImage, { limit, marked }: Wanted, path: string): Promise<void> {
  const { spool, decoders, log, decodeMs } = deps;
  return spool.withScratch(async (directory) => {
    const to = join(directory, "fitted");
    const files = { from: spool.pathOf(image.file), to };
    const task: DecoderTask = { work: "fit", kind: image.format, limit, marked };
    const answer = await decoders.run(task, files, decodeMs);
    if (!("done" in answer)) {
      log.error({ file: image.file, limit, answer }, "an image could not be made to fit; trying a smaller one");
      const smaller = await decoders.run({ ...task, largestSide: fallbackSide }, files, decodeMs);
      if ("failed" in smaller) throw new Error(`The image ${image.file} cannot be made to fit: ${smaller.failed}`);
    }
    await spool.keepFitted(to, path);
  });
}

async function describe(path: string): Promise<Fitted> {
  const handle = await open(path, "r");
  try {
    const format = await formatOf(handle);
    if (!format) throw new Error(`Not an image: ${path}`);
    return { path, format, bytes: (await handle.stat()).size, changed: true };
  } finally {
    await handle.close();
  }
}
