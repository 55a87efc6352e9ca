import type { Context } from "../../context.ts";
import type { Caller, MemberData } from "../../contract/usecases.ts";
import type { StoredImage } from "../../image.ts";
import { artifactsOf } from "../../jobs/attempts.ts";
import { searchJobs } from "../../jobs/history.ts";
import type { Job } from "../../jobs/job.ts";
import { postedOf } from "../../jobs/posted.ts";
import { memberSettingsOf } from "../../policy/documents.ts";
import { allowanceOf } from "../../policy/rules.ts";

type ExportedImage = MemberData["images"][number];

/** More than anybody reads; a member's own file must not fill the memory. */
const maxJobs = 20_000;
const maxMovements = 100_000;

/** All that is kept about the caller: its account, what it asked for, and the images that are still there. */
export async function exportData(context: Context, caller: Caller): Promise<MemberData> {
  const { db } = context.database;
  const { member } = caller;
  const { movements, ...account } = await context.credits.statement(
    member,
    maxMovements,
    await allowanceOf(db, caller),
  );
  const images = new Map<string, ExportedImage>();
  const jobs: object[] = [];
  for (const job of await searchJobs(db, member, { limit: maxJobs, words: [] })) {
    jobs.push(await exportedJob(context, job, images));
  }
  const document = {
    member,
    exportedAt: isoTime(context.world.now()),
    account: { ...account, renewsAt: isoTime(account.renewsAt) },
    settings: await memberSettingsOf(db, member),
    movements: movements.map((movement) => ({ ...movement, at: isoTime(movement.at) })),
    jobs,
  };
  return { document: JSON.stringify(document, null, 2), images: [...images.values()] };
}

async function exportedJob(context: Context, job: Job, images: Map<string, ExportedImage>): Promise<object> {
  const { db } = context.database;
  const { references, mask, ...request } = job.request;
  const name = (image: StoredImage, what: string) => keep(context, images, image, `${job.id}-${what}.${image.format}`);
  return {
    id: job.id,
    state: job.state,
    madeAt: isoTime(job.createdAt),
    endedAt: job.finishedAt === undefined ? undefined : isoTime(job.finishedAt),
    tenant: job.tenant,
    name: job.memberName,
    service: job.provider,
    held: job.held,
    charged: job.charged,
    request,
    references: await all(references, (image, n) => name(image, `reference-${n + 1}`)),
    mask: mask && (await name(mask, "mask")),
    images: await all(await artifactsOf(db, job.id), (image, n) => name(image, `image-${n + 1}`)),
    messages: await postedOf(db, job.id),
  };
}

/** The name of the image in the export, once for each file; undefined when it is not there any more. */
async function keep(context: Context, images: Map<string, ExportedImage>, image: StoredImage, name: string) {
  const known = images.get(image.file);
  if (known) return known.name;
  const there = await context.images.has(image).catch(() => false); // storage out of reach must not keep the rest back
  if (!there) return undefined;
  images.set(image.file, { name, path: context.images.pathOf(image), bytes: image.bytes });
  return name;
}

async function all(
  images: readonly StoredImage[],
  name: (image: StoredImage, n: number) => Promise<string | undefined>,
): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for (const [n, image] of images.entries()) names.push(await name(image, n));
  return names;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
