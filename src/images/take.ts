import { copyFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../errors.ts";
import type { IncomingImage, Pixels, StoredImage } from "../image.ts";
import type { Log } from "../world.ts";
import type { TaskFiles } from "./decoder/decoder.ts";
import type { DecoderTask, Flaw } from "./decoder/decoder-task.ts";
import type { Decoders } from "./decoder/decoders.ts";
import type { Downloader } from "./download/download.ts";
import { DownloadError } from "./download/download-error.ts";
import { examine, inspect, tooLarge, tooManyPixels } from "./inspect.ts";
import type { Kind } from "./magic.ts";
import { maxPixelsIn } from "./pixel-limits.ts";
import type { Spool } from "./spool/spool.ts";

/** The least that a service is said to take (OA-19). */
const maxMaskBytes = 4_000_000;

/** The sender of a file, and whoever is to know how much came. */
export interface Sender {
  /** Members take turns at the decoder. */
  readonly member: string;
  /** The file is about to get its name in the spool, which is this; `bytes` were fetched for it. */
  keeping(file: string, bytes: number): Promise<void>;
  /** The file was refused after so many bytes; nothing of it is left. */
  refused(bytes: number): Promise<void>;
}

export interface Intake {
  readonly spool: Spool;
  readonly download: Downloader;
  readonly decoders: Decoders;
  readonly log: Log;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly decodeMs: number;
}

/** A member's image in the spool, cleaned; its name there is made of its bytes. Throws Refusal `image-*`, `disk-full`. */
export function takeImage(intake: Intake, incoming: IncomingImage, sender?: Sender): Promise<StoredImage> {
  const { maxBytes } = intake;
  return takeIn({ ...intake, sender }, incoming, (kind) => ({ kind, work: "sanitise", maxBytes }));
}

/** A member's mask in the spool, as `makeMask` writes it. Throws Refusal `image-*`, `mask-unusable`, `disk-full`. */
export function takeMask(
  intake: Intake,
  incoming: IncomingImage,
  first: Pixels,
  sender?: Sender,
): Promise<StoredImage> {
  const { width, height } = first;
  return takeIn({ ...intake, sender }, incoming, (kind) => {
    return { kind, work: "mask", first: { width, height }, maxBytes: maxMaskBytes };
  });
}

type TaskFor = (kind: Kind) => DecoderTask;

/** HEIC is decoded in WebAssembly, at a fraction of the speed. */
const heicTimes = 3;

interface SentIntake extends Intake {
  readonly sender: Sender | undefined;
}

async function takeIn(intake: SentIntake, incoming: IncomingImage, taskFor: TaskFor): Promise<StoredImage> {
  const { spool, maxBytes, sender } = intake;
  if (!(await spool.hasSpaceFor(2 * maxBytes))) throw new Refusal("disk-full", {});
  return spool.withScratch(async (directory) => {
    const files = { from: join(directory, "raw"), to: join(directory, "clean") };
    try {
      await fetchInto(files.from, intake, incoming);
      return await keep(intake, incoming.filename, files, taskFor);
    } catch (error) {
      if (error instanceof Refusal) await sender?.refused(await sizeOf(files.from));
      throw error;
    }
  });
}

/** Checks and cleans what was fetched, and gives it its name in the spool. */
async function keep(
  { spool, maxBytes, sender, ...intake }: SentIntake,
  filename: string,
  { from, to }: TaskFiles,
  taskFor: TaskFor,
): Promise<StoredImage> {
  const { kind, animated } = await examine(from, { filename, maxBytes });
  const task = taskFor(kind);
  const firstOfMany = (await decode({ ...intake, sender }, filename, task, { from, to })) || animated;
  const { format, width, height } = await inspect(to, { filename, maxBytes }); // the decoder's word is not taken for it
  const bytes = await sizeOf(from);
  const kept = { ...(await spool.keepInput(to, (file) => sender?.keeping(file, bytes))), format, width, height };
  return firstOfMany ? { ...kept, firstFrame: true } : kept;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0, // nothing came
  );
}

/** True when the file has more images than this one. Throws the Refusal that fits what the decoder found, or that it failed. */
async function decode(
  { decoders, decodeMs, log, sender }: Pick<SentIntake, "decoders" | "decodeMs" | "log" | "sender">,
  filename: string,
  task: DecoderTask,
  files: TaskFiles,
): Promise<boolean> {
  const ms = task.kind === "heic" ? heicTimes * decodeMs : decodeMs;
  const answer = await decoders.run(task, files, ms, sender?.member);
  if ("done" in answer) return answer.firstOfMany;
  if ("refused" in answer) throw refusalOf(answer.refused, filename, task.kind);
  log.info({ reason: answer.failed, kind: task.kind }, "an image could not be decoded");
  throw new Refusal("image-unreadable", { filename });
}

function refusalOf(flaw: Flaw, filename: string, kind: Kind): Refusal {
  switch (flaw) {
    case "too-many-pixels":
      return tooManyPixels(filename, maxPixelsIn[kind]);
    case "all-opaque":
    case "no-transparency":
      return new Refusal("mask-unusable", { why: flaw });
  }
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
