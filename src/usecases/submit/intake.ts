import type { Context } from "../../context.ts";
import { Refusal } from "../../errors.ts";
import type { IncomingImage, StoredImage } from "../../image.ts";
import { broughtWithin, closeBrought, isBeingBrought, noteBrought, storedOf } from "../../jobs/intake.ts";
import { neededInputs } from "../../jobs/referred.ts";

const dayMs = 86_400_000;
const megabyte = 1_000_000;

/** The files that one order brings: counted against its member's quotas, and gone at once when the order comes to nothing. */
export interface OrderIntake {
  /** Throws Refusal `image-*`, `upload-quota`, `storage-quota`, `disk-full`. */
  take(file: IncomingImage): Promise<StoredImage>;
  takeMask(file: IncomingImage, first: StoredImage): Promise<StoredImage>;
  /** A result as services take it: an animation becomes its first frame. Throws Refusal like `take`, and `job-erased`. */
  asReference(result: StoredImage): Promise<StoredImage>;
  /** A result that is to stay for as long as it has a name. Throws Refusal like `asReference`. */
  keepResult(result: StoredImage): Promise<StoredImage>;
  /** Something refers to the files now, or they are discarded: one of both must be called. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Opens the intake of one order of a member. */
export function openIntake(context: Context, member: string): OrderIntake {
  const { images, world, database } = context;
  const notes: string[] = [];
  const named = new Set<string>(); // in the spool, whatever happens after that
  let bytesKept = 0;

  async function note(bytes: number, file?: string): Promise<void> {
    const id = world.id();
    await noteBrought(database.db, { id, member, at: world.now(), bytes, file });
    if (file === undefined) return;
    notes.push(id);
    named.add(file);
  }

  async function taking(work: (sender: Parameters<typeof images.take>[1]) => Promise<StoredImage>) {
    await refuseOverQuota(context, member, bytesKept);
    const image = await work({ member, keeping: (file, bytes) => note(bytes, file), refused: (bytes) => note(bytes) });
    bytesKept += image.bytes;
    return image;
  }

  async function asReference(result: StoredImage): Promise<StoredImage> {
    if (result.format !== "gif") return result;
    if (!(await images.has(result))) throw new Refusal("job-erased", {});
    const incoming = { filename: "animation.gif", source: { path: images.pathOf(result) } };
    return taking((sender) => images.take(incoming, sender));
  }

  return {
    take: (file) => taking((sender) => images.take(file, sender)),
    takeMask: (file, first) => taking((sender) => images.takeMask(file, first, sender)),
    asReference,
    async keepResult(result) {
      await refuseFullStorage(context, member, bytesKept);
      return asReference(result);
    },
    keep: () => closeBrought(database.db, notes),
    async discard() {
      await closeBrought(database.db, notes);
      await discardUnneeded(
        context,
        [...named].map((file) => ({ file })),
      );
    },
  };
}

/** Removes members' files that no job, confirmation or order under way needs. Never throws: the next cleaning finds what is left. */
export async function discardUnneeded(context: Context, images: readonly { readonly file: string }[]): Promise<void> {
  const { database, log } = context;
  const inputsSince = keptSince(context);
  for (const image of images) {
    const isNeeded = async () =>
      (await neededInputs(database.db, [image.file], { inputsSince })).size > 0 ||
      (await isBeingBrought(database.db, image.file));
    await context.images
      .discard(image, isNeeded)
      .catch((error: unknown) => log.warn({ err: error }, "a refused file stays until the next cleaning"));
  }
}

/** Jobs that ended before this need their files no more; 0: all do. */
function keptSince({ retention, world }: Context): number {
  return retention.referenceDays === 0 ? 0 : world.now() - retention.referenceDays * dayMs;
}

/** A file that begins below a quota is taken whole; `coming` are bytes of the same order. */
async function refuseOverQuota(context: Context, member: string, coming: number): Promise<void> {
  const { database, world, uploadQuota: quota } = context;
  const now = world.now();
  const { bytes, renewsAt } = await broughtWithin(database.db, member, now);
  if (bytes >= quota.hourlyBytes) {
    throw new Refusal("upload-quota", { limitMegabytes: quota.hourlyBytes / megabyte, renewsAt });
  }
  await refuseFullStorage(context, member, coming);
}

async function refuseFullStorage(context: Context, member: string, coming: number): Promise<void> {
  const { database, retention, uploadQuota: quota } = context;
  const stored = await storedOf(database.db, member, { inputsSince: keptSince(context) });
  if (stored + coming < quota.storedBytes) return;
  throw new Refusal("storage-quota", { limitMegabytes: quota.storedBytes / megabyte, days: retention.referenceDays });
}
