import { setImmediate } from "node:timers/promises";
import type { Context } from "../../context.ts";
import type { Caller, MemberData } from "../../contract/usecases.ts";
import { movementsOf } from "../../credits/movements.ts";
import { singleFlight } from "../../flow/single-flight.ts";
import type { ShownImage, StoredImage } from "../../image.ts";
import { shownImagesOf } from "../../jobs/descriptions.ts";
import { searchJobs } from "../../jobs/history.ts";
import type { Job } from "../../jobs/job.ts";
import { postedOf } from "../../jobs/posted.ts";
import { memberId, memberSettingsOf } from "../../policy/documents.ts";
import { allowanceOf } from "../../policy/rules.ts";
import type { StyleDocument } from "../../policy/styles.ts";
import { payForSeen } from "../../settlement/unseen.ts";
import { referencesOf } from "../../store/named-references.ts";
import { stylesOf } from "../../store/styles.ts";
import { visitsOf } from "../../store/visits.ts";
import type { TenantTurns } from "../tenant-turns.ts";
import type { VisitDocument } from "../visits/session.ts";

type ExportedImage = MemberData["images"][number];

/** More than anybody reads; a member's own file must not fill the memory. */
const maxJobs = 20_000;
const maxMovements = 100_000;
/** Pieces have this size: between them everybody else has a turn. */
const jobsAtOnce = 25;
const movementsAtOnce = 1000;

/** Exports what is kept about a member: whoever asks while that is under way gets the same answer. */
export function createExport(context: Context, inTurn: TenantTurns): (caller: Caller) => Promise<MemberData> {
  const exportOnce = singleFlight<MemberData>();
  return (caller) => exportOnce(caller.member, () => inTurn(caller, () => exportData(context, caller)));
}

/** Gathers all that is kept about the caller: its account, what it asked for, and the images that are still there. */
async function exportData(context: Context, caller: Caller): Promise<MemberData> {
  const { db } = context.database;
  const { member } = caller;
  const { movements: _, ...account } = await context.credits.statement(member, 0, await allowanceOf(db, caller));
  const images = new Map<string, ExportedImage>();
  const styles = await exportedStyles(context, member, images);
  const savedImages = await exportedReferences(context, member, images);
  const document = {
    member,
    exportedAt: isoTime(context.world.now()),
    account: { ...account, renewsAt: isoTime(account.renewsAt) },
    settings: await memberSettingsOf(db, member),
    styles,
    visits: await exportedVisits(context, member, images),
    savedImages,
  };
  const head = JSON.stringify(document, null, 2).replace(/\n\}$/, "");
  const pieces = [`${head},\n  "movements": `];
  await writeList(pieces, movementPages(context, member));
  pieces.push(',\n  "jobs": ');
  await writeList(pieces, jobPages(context, member, images));
  return { document: [...pieces, "\n}"], images: [...images.values()] };
}

/** Writes a list in pieces: all of it at once would hold up everybody. */
async function writeList(pieces: string[], pages: AsyncIterable<readonly object[]>): Promise<void> {
  let before = "[";
  for await (const page of pages) {
    const items = page.map((item) => `\n    ${JSON.stringify(item, null, 2).replaceAll("\n", "\n    ")}`);
    if (items.length > 0) pieces.push(before, items.join(","));
    if (items.length > 0) before = ",";
    await setImmediate();
  }
  pieces.push(before === "[" ? "[]" : "\n  ]");
}

async function* movementPages({ database }: Context, member: string): AsyncIterable<readonly object[]> {
  let before: string | undefined;
  for (let count = 0; count < maxMovements; count += movementsAtOnce) {
    const { lines, last } = await movementsOf(database.reports, member, { limit: movementsAtOnce, before });
    yield lines.map((line) => ({ ...line, at: isoTime(line.at) }));
    if (last === undefined) return;
    before = last;
  }
}

async function* jobPages(context: Context, member: string, images: Map<string, ExportedImage>) {
  let before: string | undefined;
  for (let count = 0; count < maxJobs; count += jobsAtOnce) {
    const page = await searchJobs(context.database.db, member, { limit: jobsAtOnce, words: [], before });
    const exported: object[] = [];
    for (const job of page) exported.push(await exportedJob(context, await payForSeen(context, job), images));
    yield exported;
    if (page.length < jobsAtOnce) return;
    before = page.at(-1)?.id;
  }
}

async function exportedStyles(context: Context, member: string, images: Map<string, ExportedImage>) {
  const exported: object[] = [];
  for (const { name, document } of await stylesOf<StyleDocument>(context.database.db, [memberId(member)])) {
    const { references, ...options } = document;
    const nameOf = (image: StoredImage, n: number) =>
      keep(context, images, image, `style-${name}-reference-${n + 1}.${image.format}`);
    exported.push({ name, ...options, references: await all(references, nameOf) });
  }
  return exported;
}

/** Links to pages that were made within the last hours. */
async function exportedVisits(context: Context, member: string, images: Map<string, ExportedImage>) {
  const exported: object[] = [];
  for (const { id, document, madeAt, openedAt } of await visitsOf<VisitDocument>(context.database.db, member)) {
    const { page, caller } = document;
    const image = "image" in page ? page.image : undefined;
    exported.push({
      ...{ page: page.kind, tenant: caller.tenant, madeAt: isoTime(madeAt) },
      openedAt: openedAt === undefined ? undefined : isoTime(openedAt),
      image: image && (await keep(context, images, image, `visit-${id}.${image.format}`)),
    });
  }
  return exported;
}

async function exportedReferences(context: Context, member: string, images: Map<string, ExportedImage>) {
  const exported: object[] = [];
  for (const { name, tenant, image, savedAt } of await referencesOf<StoredImage>(
    context.database.db,
    memberId(member),
  )) {
    const file = await keep(context, images, image, `saved-${exported.length + 1}-${name}.${image.format}`);
    exported.push({ name, tenant, savedAt: isoTime(savedAt), image: file });
  }
  return exported;
}

async function exportedJob(context: Context, job: Job, files: Map<string, ExportedImage>): Promise<object> {
  const { db } = context.database;
  const { references, mask, ...request } = job.request;
  const images = await shownImagesOf(db, job.id);
  const name = (image: StoredImage, what: string) => keep(context, files, image, `${job.id}-${what}.${image.format}`);
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
    images: await all(images, (image, n) => name(image, `image-${n + 1}`)),
    ...describedIn(images),
    messages: await postedOf(db, job.id),
  };
}

/** The member's own words about the images, where there are any. */
function describedIn(images: readonly ShownImage[]): object {
  const written = images.some(({ description }) => description !== undefined);
  return written ? { descriptions: images.map(({ description }) => description) } : {};
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
