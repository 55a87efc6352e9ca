import { basename, dirname } from "node:path";
import { type Response, Router } from "express";
import type { Links } from "./links.ts";
import { type SentencesFor, sentencesTo } from "./sentences.ts";

interface Original {
  readonly path: string;
  readonly format: string;
}

/**
 * GET /:token: the file of one image, byte for byte as the service made it, as a download. Wrong, old and erased ones get
 * the same 404; nothing of the request is logged, because the token is part of its address.
 */
export function createOriginals(
  links: Pick<Links, "read">,
  find: (job: string, index: number) => Promise<Original | undefined>,
  sentences: SentencesFor,
): Router {
  const router = Router();
  router.get("/:token", async (req, res) => {
    const linked = links.read(req.params.token);
    const original = linked && (await find(linked.job, linked.index));
    if (!original) return void res.status(404).type("text").send(sentencesTo(req, sentences).nothingHere);
    res.set({
      "Content-Type": `image/${original.format}`,
      "Content-Disposition": `attachment; filename="${linked.job}-${linked.index + 1}.${extension(original.format)}"`,
      "X-Content-Type-Options": "nosniff",
      "X-Robots-Tag": "noindex",
      "Cache-Control": "private, max-age=86400", // no proxy may keep what a member may have deleted
    });
    await sent(res, original.path);
  });
  return router;
}

function extension(format: string): string {
  return format === "jpeg" ? "jpg" : format;
}

function sent(res: Response, path: string): Promise<void> {
  const options = { root: dirname(path), dotfiles: "allow", cacheControl: false, lastModified: false } as const;
  return new Promise((resolve, reject) => {
    res.sendFile(basename(path), { ...options, acceptRanges: false }, (error) =>
      error && !res.req.socket.destroyed ? reject(error) : resolve(),
    );
  });
}
