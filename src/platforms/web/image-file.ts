import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Request, Response } from "express";
import { fileFormats, type StoredImage } from "../../image.ts";
import type { PlatformContext } from "../platform.ts";
import { callerOf } from "./caller.ts";
import { imageName } from "./job-json.ts";
import { Problem } from "./problem.ts";

/** The limit of an image in the page's grid: a 4K PNG of 20 MB is too much for a telephone. */
const preview = { bytes: 2_000_000, formats: fileFormats } as const;

/** Streams one image of the caller's job, whole or as a preview; images never change, so browsers may keep them. */
export async function sendImage(
  of: { job: string; index: string },
  req: Request,
  res: Response,
  context: PlatformContext,
): Promise<void> {
  if (!/^\d{1,3}$/.test(of.index)) throw new Problem(404, "noImage");
  const index = Number(of.index);
  const { path, image } = await context.usecases.imageFile({ job: of.job, index }, callerOf(req, "image"));
  const original = { path, format: image.format };
  const fitted = "preview" in req.query ? await context.fit(image, preview) : original;
  const file = "firstFrame" in fitted && fitted.firstFrame ? original : fitted; // an animation is shown whole, at any size
  res.set({
    "Content-Type": `image/${file.format}`,
    "Content-Disposition": `inline; filename="${imageName(of.job, index, file.format)}"`,
    "Cache-Control": "private, max-age=31536000, immutable",
  });
  await sent(res, file.path);
}

/** Streams one of the images that the caller may start from, by the hash of its content, small enough for a telephone. */
export async function sendSaved(hash: string, req: Request, res: Response, context: PlatformContext): Promise<void> {
  const saved = await context.usecases.references.list(callerOf(req, "saved"));
  const image = saved.find((one) => one.image.sha256 === hash)?.image;
  if (!image) throw new Problem(404, "noImage");
  const { path, format } = await context.fit(image, preview);
  res.set({ "Content-Type": `image/${format}`, "Cache-Control": "private, no-store" });
  await sent(res, path);
}

/** Streams an image of this machine to the one page that shows it. */
export async function sendFile(
  res: Response,
  { path, image }: { readonly path: string; readonly image: Pick<StoredImage, "format"> },
): Promise<void> {
  res.set({ "Content-Type": `image/${image.format}`, "Cache-Control": "no-store" });
  await sent(res, path);
}

/** Streams what the service has shown so far of a running job, to its owner alone; 404 when it is gone already. */
export async function sendUnfinished(
  job: string,
  req: Request,
  res: Response,
  { usecases }: PlatformContext,
): Promise<void> {
  const caller = callerOf(req, "preview");
  const view = await usecases.job(job, caller);
  const path = view.progress?.preview;
  if (view.member !== caller.member || path === undefined) throw new Problem(404, "noImage");
  const type = await typeOf(path);
  if (!type) throw new Problem(404, "noImage");
  res.set({ "Content-Type": type, "Cache-Control": "no-store" });
  await sent(res, path);
}

/** By its first bytes: services name no format for what is not finished. */
async function typeOf(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0).finally(() => file.close());
  const head = buffer.toString("latin1");
  if (head.startsWith("\x89PNG")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  return head.startsWith("RIFF") && head.endsWith("WEBP") ? "image/webp" : undefined;
}

function sent(res: Response, path: string): Promise<void> {
  const options = { root: dirname(path), dotfiles: "allow", cacheControl: false, lastModified: false } as const;
  return new Promise((resolve, reject) => {
    res.sendFile(basename(path), options, (error) => (error && !res.req.socket.destroyed ? reject(error) : resolve()));
  });
}
