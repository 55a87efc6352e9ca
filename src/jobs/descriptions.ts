import type { ShownImage, StoredImage } from "../image.ts";
import type { Db, Trx } from "../store/connection.ts";

/** A change of how an image is shown; what is absent stays. */
export interface Described {
  /** Null: made from the prompt again. */
  readonly description?: string | null | undefined;
  readonly spoiler?: boolean | undefined;
}

/** Lists the images of a job as its owner wants them shown. */
export async function shownImagesOf(db: Db | Trx, job: string): Promise<ShownImage[]> {
  const rows = await db.selectFrom("artifact").selectAll().where("job", "=", job).orderBy("idx").execute();
  return rows.map(({ file, sha256, format, width, height, bytes, description, spoiler }) => ({
    ...{ file, sha256, format: format as StoredImage["format"], width, height, bytes },
    ...(description === null ? {} : { description }),
    ...(spoiler === null ? {} : { spoiler: spoiler === 1 }),
  }));
}

/** False where the job has no such image any more. */
export async function describeImage(
  trx: Trx,
  { job, index }: { readonly job: string; readonly index: number },
  { description, spoiler }: Described,
): Promise<boolean> {
  const row = await trx
    .updateTable("artifact")
    .set((e) => ({
      description: description === undefined ? e.ref("description") : description,
      spoiler: spoiler === undefined ? e.ref("spoiler") : Number(spoiler),
    }))
    .where("job", "=", job)
    .where("idx", "=", index)
    .returning("idx")
    .executeTakeFirst();
  return row !== undefined;
}
