import { openAsBlob } from "node:fs";
import type { WebClient } from "@slack/web-api";
import type { FileLimit, StoredImage } from "../../image.ts";
import { DeliveryDelayed } from "../platform.ts";
import type { Parts } from "./parts.ts";

/** An image block shows PNG, JPEG and GIF only; the bound on bytes is ours, above any 4K image. */
const imageLimit: FileLimit = { bytes: 40_000_000, formats: ["png", "jpeg"] };

const uploadTimeoutMs = 120_000;
const pollMs = 500;
const polls = 20;
const rememberMs = 60 * 60_000;

/**
 * Slack's id of a file that only the app can see until a message shows it. `name` is the same at each try, so that
 * what an earlier try uploaded is used again. Throws DeliveryDelayed, and what the Web API throws.
 */
export async function uploadImage(parts: Parts, image: StoredImage, name: string): Promise<string> {
  const { cache } = parts.context;
  const known = await cache.get<string>(`slack:file:${name}`);
  if (known !== undefined && (await isReady(parts.client, known))) return known;
  const file = await upload(parts, image, name);
  await cache.set(`slack:file:${name}`, file, rememberMs);
  return file;
}

async function upload(parts: Parts, image: StoredImage, name: string): Promise<string> {
  const { client, context } = parts;
  const { path, format, bytes } = await context.fit(image, imageLimit);
  const filename = `${name}.${format === "jpeg" ? "jpg" : format}`;
  const target = await client.files.getUploadURLExternal({ filename, length: bytes });
  const { upload_url = "", file_id = "" } = target;
  await sendBytes(parts.options.apiUrl, upload_url, path);
  // completed without a channel: a share is made later, or not at all (bolt-js#2115); a second time helps a lost one (P17)
  for (const _ of [1, 2]) {
    await client.files.completeUploadExternal({ files: [{ id: file_id, title: filename }] });
    if (await becomesReady(parts, file_id)) return file_id;
  }
  throw new DeliveryDelayed("Slack has not finished an uploaded image", 5000);
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
async function becomesReady({ client, context }: Parts, file: string): Promise<boolean> {
  for (let poll = 0; poll < polls; poll++) {
    if (await isReady(client, file)) return true;
    await context.world.sleep(pollMs);
  }
  return false;
}

async function isReady(client: WebClient, file: string): Promise<boolean> {
  const { file: facts } = await client.files.info({ file });
  return Boolean(facts?.mimetype);
}

/** Is it at the API's own host or below it (files.slack.com for slack.com), by the same protocol? */
export function belongsToSlack(url: string, apiUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const [there, api] = [new URL(url), new URL(apiUrl)];
  return there.protocol === api.protocol && (there.host === api.host || there.hostname.endsWith(`.${api.hostname}`));
}
