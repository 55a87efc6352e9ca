import { copyFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../errors.ts";
import type { IncomingImage, Pixels, StoredImage } from "../image.ts";
import type { Log } from "../world.ts";
import type { Downloader } from "./download.ts";
import { DownloadError } from "./download-error.ts";
import { inspect, tooLarge } from "./inspect.ts";
import { makeMask } from "./mask.ts";
import { sanitise } from "./sanitise.ts";
import type { Spool } from "./spool.ts";

export interface Intake {
  readonly spool: Spool;
  readonly download: Downloader;
  readonly log: Log;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly decodeSeconds: number;
}

/** A member's image in the spool, cleaned; its name there is made of its bytes. Throws Refusal `image-*`, `disk-full`. */
export function takeImage(intake: Intake, incoming: IncomingImage): Promise<StoredImage> {
  return takeIn(intake, incoming, async (raw, clean) => {
    const { format } = await inspect(raw, incoming.filename, intake.maxBytes);
    return { format, ...(await sanitise(raw, clean, format, intake.decodeSeconds)) };
  });
}

/** A member's mask in the spool, as `makeMask` writes it. Throws Refusal `image-*`, `mask-unusable`, `disk-full`. */
export function takeMask(intake: Intake, incoming: IncomingImage, first: Pixels): Promise<StoredImage> {
  return takeIn(intake, incoming, async (raw, clean) => {
    await inspect(raw, incoming.filename, intake.maxBytes);
    await makeMask(raw, clean, first, intake.decodeSeconds);
    return { format: "png", width: first.width, height: first.height };
  });
}

type Cleaning = (raw: string, clean: string) => Promise<Pick<StoredImage, "format" | "width" | "height">>;

async function takeIn(intake: Intake, incoming: IncomingImage, cleaning: Cleaning): Promise<StoredImage> {
  const { spool, log, maxBytes } = intake;
  const { filename } = incoming;
  if (!(await spool.hasRoom(2 * maxBytes))) throw new Refusal("disk-full", {});
  return spool.withScratch(async (directory) => {
    const clean = join(directory, "clean");
    const raw = join(directory, "raw");
    await fetchInto(raw, intake, incoming);
    const image = await cleaning(raw, clean).catch((error: unknown) => {
      if (error instanceof Refusal) throw error;
      log.info({ reason: String(error) }, "an image could not be decoded");
      throw new Refusal("image-unreadable", { filename });
    });
    if ((await stat(clean)).size > maxBytes) throw tooLarge(filename, maxBytes);
    return { ...(await spool.keepInput(clean)), ...image };
  });
}

async function fetchInto(raw: string, intake: Intake, { source, filename }: IncomingImage): Promise<void> {
  const { maxBytes, timeoutMs } = intake;
  if ("path" in source) return copyIn(source.path, raw, filename, maxBytes);
  const { url, authorization } = source;
  try {
    await writeFile(raw, intake.download(url, { maxBytes, timeoutMs, authorization }));
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    if (error.fault === "too-large") throw tooLarge(filename, maxBytes);
    const { fault, status, message, cause } = error;
    intake.log.info({ fault, status, reason: message, cause: String(cause) }, "an attachment could not be fetched");
    throw new Refusal("image-unreachable", { filename });
  }
}

async function copyIn(path: string, raw: string, filename: string, maxBytes: number): Promise<void> {
  const file = await stat(path).catch(() => undefined);
  if (!file?.isFile()) throw new Refusal("image-unreachable", { filename });
  if (file.size > maxBytes) throw tooLarge(filename, maxBytes);
  await copyFile(path, raw);
}
