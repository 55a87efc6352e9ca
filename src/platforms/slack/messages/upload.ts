import { openAsBlob } from "node:fs";
import { DeliveryDelayed } from "../../../contract/delivery.ts";
import type { JobView } from "../../../contract/usecases.ts";
import type { FileLimit, StoredImage } from "../../../image.ts";
import { textFor } from "../../../text/text.ts";
import { belongsToSlack } from "../api/client.ts";
import type { SlackContext } from "../context.ts";

type Uploading = Pick<SlackContext, "workspaces" | "context" | "options">;

/** A file on its way to Slack. */
export interface Upload {
  readonly path: string;
  readonly filename: string;
  readonly bytes: number;
  /** For those who cannot see it. */
  readonly alt?: string | undefined;
}

/** An image block shows PNG, JPEG and GIF only; the bound on bytes is ours, above any 4K image. */
const imageLimit: FileLimit = { bytes: 40_000_000, formats: ["png", "jpeg", "gif"] };

const altLimit = 1000;
const uploadTimeoutMs = 120_000;
const firstPollMs = 250;
const longestPollMs = 4000;
const polls = 8;
const rememberMs = 60 * 60_000;

/** A file of an image that is in Slack. */
export interface Uploaded {
  readonly id: string;
  /** The image is an animation, and the file its first frame alone. */
  readonly firstFrame?: true | undefined;
}

/**
 * A file that only the app can see until a message shows it. `name` is the same at each try, so that
 * what an earlier try uploaded is used again. Throws DeliveryDelayed, and what the Web API throws.
 */
export async function uploadImage(
  parts: Uploading,
  team: string,
  image: StoredImage,
  { name, alt }: { name: string; alt: string },
): Promise<Uploaded> {
  const { cache } = parts.context;
  const noted = `slack:image:${team}:${name}`;
  const known = await cache.get<Uploaded>(noted);
  if (known !== undefined && (await isReady(parts, team, known.id))) return known;
  const { path, format, bytes, firstFrame } = await parts.context.fit(image, imageLimit);
  const filename = `${name}.${format === "jpeg" ? "jpg" : format}`;
  const id = await uploadFile(parts, team, { path, filename, bytes, alt });
  const uploaded = firstFrame ? { id, firstFrame } : { id };
  await cache.set(noted, uploaded, rememberMs);
  return uploaded;
}

/** Slack's id of a file that only the app can see until a message shows it. Throws like `uploadImage`. */
export async function uploadFile(parts: Uploading, team: string, upload: Upload): Promise<string> {
  const id = await sendFile(parts, team, upload);
  // completed without a channel: a share is made later, or not at all (bolt-js#2115); a second time helps a lost one (P17)
  for (const _ of [1, 2]) {
    await complete(parts, team, { id, title: upload.filename });
    if (await becomesReady(parts, team, id)) return id;
  }
  throw new DeliveryDelayed("Slack has not finished an uploaded image", 5000);
}

/** Slack's id of a file whose bytes are there, but which is not completed. */
export async function sendFile(parts: Uploading, team: string, { path, ...what }: Upload): Promise<string> {
  const { filename, bytes, alt } = what;
  const described = alt === undefined ? {} : { alt_text: alt.slice(0, altLimit) };
  const target = await parts.workspaces.call(team, { method: "files.getUploadURLExternal" }, (client) =>
    client.files.getUploadURLExternal({ filename, length: bytes, ...described }),
  );
  const { upload_url = "", file_id = "" } = target;
  await sendBytes(parts.options.apiUrl, upload_url, path);
  return file_id;
}

/** Where a file is shared once it is complete; without it, only the app sees it. */
interface Share {
  readonly channel_id: string;
  readonly thread_ts: string;
}

export async function complete(
  { workspaces }: Uploading,
  team: string,
  file: { readonly id: string; readonly title: string },
  share?: Share,
): Promise<void> {
  const files: [typeof file] = [file];
  await workspaces.call(team, { method: "files.completeUploadExternal" }, (client) =>
    client.files.completeUploadExternal(share ? { files, ...share } : { files }),
  );
}

async function sendBytes(apiUrl: string, uploadUrl: string, path: string): Promise<void> {
  if (!belongsToSlack(uploadUrl, apiUrl)) throw new Error(`Slack named a foreign upload address: ${uploadUrl}`);
  const body = await openAsBlob(path); // streams from disk, and its length is known
  const signal = AbortSignal.timeout(uploadTimeoutMs);
  const answer = await fetch(uploadUrl, { method: "POST", body, redirect: "error", signal }).catch((cause) => {
    throw new DeliveryDelayed("an image did not reach Slack", 5000, cause);
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new DeliveryDelayed(`Slack answered ${answer.status} to an image`, 5000);
}

/** Slack makes an image of the bytes after it has answered. */
async function becomesReady(parts: Uploading, team: string, file: string): Promise<boolean> {
  return until(parts, async () => isReady(parts, team, file));
}

/** Asks again, less and less often, for some 20 s. */
export async function until({ context }: Uploading, isSo: () => Promise<boolean>): Promise<boolean> {
  for (let poll = 0, pauseMs = firstPollMs; poll < polls; poll++, pauseMs = Math.min(2 * pauseMs, longestPollMs)) {
    if (await isSo()) return true;
    await context.world.sleep(pauseMs);
  }
  return false;
}

async function isReady(parts: Uploading, team: string, file: string): Promise<boolean> {
  return Boolean((await fileFacts(parts, team, file))?.mimetype);
}

export async function fileFacts({ workspaces }: Uploading, team: string, file: string) {
  const { file: facts } = await workspaces.call(team, { method: "files.info" }, (client) =>
    client.files.info({ file }),
  );
  return facts;
}

/** The files of a job's images, in their order. */
export function uploadAll(slack: SlackContext, team: string, job: JobView): Promise<Uploaded[]> {
  const { altText } = textFor(job.locale).result;
  const files = job.images.map((image, index) =>
    uploadImage(slack, team, image, { name: `${job.id}-${index + 1}`, alt: altText(job, 1000, image) }),
  );
  return Promise.all(files);
}
