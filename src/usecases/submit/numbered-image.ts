import type { Context } from "../../context.ts";
import type { Caller, JobImage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { artifactsOf } from "../../jobs/attempts.ts";
import { partsOf } from "../../jobs/batches.ts";
import { visibleJob } from "../../views/job-view.ts";

/** `2: make it blue`, `#2 make it blue`, `image 2, make it blue`, `图2：改成蓝色`; not `16:9` or `2.5`. */
const numberBefore =
  /^\s*(?:#\s*(\d{1,3})\s*[:：.,，)、-]?|(?:image|picture|图|第)\s*(\d{1,3})\s*[张幅个]?\s*[:：.,，)]?|(\d{1,3})\s*[:：.)）、])(?!\d)\s*/iu;

/** An image of a batch, and what is to be done with it. */
interface Meant {
  readonly of: JobImage;
  readonly prompt: string;
}

/**
 * Reads which image of a batch is meant when somebody answers to its message: the number before the words says it, where
 * there is more than one. Throws Refusal `batch-which-image`.
 */
export async function readNumberedImage(context: Context, { of, prompt }: Meant, caller: Caller): Promise<Meant> {
  const { batch } = await visibleJob(context, of.job, caller);
  if (!of.numbered || batch === undefined) return { of, prompt };
  const images = await imagesIn(context, batch);
  const found = numberBefore.exec(prompt);
  const number = found && Number(found[1] ?? found[2] ?? found[3]);
  const [only] = images.length === 1 ? images : [];
  const meant = images.find((image) => image.number === number) ?? (number === null ? only : undefined);
  if (!meant) throw new Refusal("batch-which-image", { numbers: images.map((image) => image.number) });
  return { of: { job: meant.job, index: meant.index }, prompt: found ? prompt.slice(found[0].length) : prompt };
}

/** The images of a batch, numbered as `imagesOfBatch` does. */
export async function imagesIn({ database: { db } }: Context, batch: string) {
  const images: { readonly number: number; readonly job: string; readonly index: number }[] = [];
  for (const { id: job, batchIndex = 0, request } of await partsOf(db, batch)) {
    const made = await artifactsOf(db, job);
    images.push(...made.map((_, index) => ({ number: batchIndex * request.count + index + 1, job, index })));
  }
  return images;
}
