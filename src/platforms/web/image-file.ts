import { basename, dirname } from "node:path";
import type { Request, Response } from "express";
import { formats } from "../../image.ts";
import type { PlatformContext } from "../platform.ts";
import { callerOf } from "./caller.ts";
import { imageName } from "./job-json.ts";
import { Problem } from "./problem.ts";

/** What the page shows in its grid: a 4K PNG of 20 MB is too much for a telephone. */
const preview = { bytes: 2_000_000, formats } as const;

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
  const file = "preview" in req.query ? await context.fit(image, preview) : { path, format: image.format };
  res.set({
    "Content-Type": `image/${file.format}`,
    "Content-Disposition": `inline; filename="${imageName(of.job, index, file.format)}"`,
    "Cache-Control": "private, max-age=31536000, immutable",
  });
  await sent(res, file.path);
}

function sent(res: Response, path: string): Promise<void> {
  const options = { root: dirname(path), dotfiles: "allow", cacheControl: false, lastModified: false } as const;
  return new Promise((resolve, reject) => {
    res.sendFile(basename(path), options, (error) => (error && !res.req.socket.destroyed ? reject(error) : resolve()));
  });
}
