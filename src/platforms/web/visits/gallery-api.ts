import { json, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import type { GalleryImage, JobView } from "../../../contract/usecases.ts";
import { fileFormats } from "../../../image.ts";
import { type Text, textFor } from "../../../text/text.ts";
import { visitTextFor } from "../../../text/visits.ts";
import type { World } from "../../../world.ts";
import { localeOf } from "../caller.ts";
import { sendFile } from "../image-file.ts";
import { imageName } from "../job-json.ts";
import { Problem } from "../problem.ts";
import type { VisitContext } from "./context.ts";
import { readId } from "./ids.ts";
import { giveSession, newSession, pathOf, visitOf } from "./session.ts";

const pageLength = 24;
/** The limit of an image in the grid. */
const preview = { bytes: 300_000, formats: fileFormats } as const;

const id = z.string().transform(readId);
const words = z
  .string()
  .max(200)
  .transform((typed) => typed.replace(/\p{Cc}/gu, " "));
const queryJson = z.object({ search: words.optional(), before: id.optional() });
const jobJson = z.strictObject({ job: id });
const imageJson = z.strictObject({ job: id, index: z.int().min(0).max(999) });

interface Deps {
  /** The pages begin there. */
  readonly address: URL;
  readonly world: World;
}

/** The routes of a member's gallery: a page of images, each of them, and what can be done with them. */
export function createGalleryApi({ address, world }: Deps, context: VisitContext): Router {
  const { usecases } = context;
  const router = Router();
  router.use((_req, res, next) => {
    if (visitOf(res).page.kind !== "gallery") return next("router");
    next();
  });
  router.get("/api/me", (req, res) => void res.json({ words: visitTextFor(localeOf(req)) }));
  router.get("/api/images", list(context));
  router.get("/images/:job/:index", image(context));
  router.post("/api/remove", json({ limit: "1kb" }), async (req, res) => {
    await usecases.visits.remove(visitOf(res), read(jobJson, req.body).job);
    res.json({ card: textFor(localeOf(req)).cards.removed() });
  });
  router.post("/api/paint", json({ limit: "1kb" }), async (req, res) => {
    const of = read(imageJson, req.body);
    res.json({ page: await openPainting(res, of, { address, world }, context) });
  });
  return router;
}

function read<Shape>(shape: z.ZodType<Shape>, body: unknown): Shape {
  const parsed = shape.safeParse(body);
  if (!parsed.success) throw new Problem(400, "notUnderstood");
  return parsed.data;
}

function list({ usecases }: VisitContext): RequestHandler {
  return async (req, res) => {
    const query = { ...read(queryJson, req.query), limit: pageLength };
    const text = textFor(localeOf(req));
    const jobs = await usecases.visits.gallery(visitOf(res), query);
    const more = jobs.length === pageLength ? jobs.at(-1)?.id : undefined;
    res.json({ images: jobs.flatMap((job) => imagesOf(job, text)), more });
  };
}

function imagesOf(job: JobView, text: Text) {
  return job.images.map((image, index) => ({
    ...{ job: job.id, index, width: image.width, height: image.height },
    prompt: job.request.prompt,
    alt: text.result.altText(job, 1000, image),
    facts: text.result.facts(job),
    createdAt: job.createdAt,
    filename: imageName(job.id, index, image.format),
    paintable: job.offersPaint === true,
  }));
}

function image(context: VisitContext): RequestHandler<{ job: string; index: string }> {
  return async (req, res) => {
    if (!/^\d{1,3}$/.test(req.params.index)) throw new Problem(404, "noImage");
    const of = { job: readId(req.params.job), index: Number(req.params.index) };
    const found = await context.usecases.visits.galleryImage(visitOf(res), of);
    const small = "preview" in req.query ? await context.fit(found.image, preview) : undefined;
    const file = small && !small.firstFrame ? { path: small.path, image: small } : found;
    const kind = "preview" in req.query ? "inline" : "attachment";
    res.set("Content-Disposition", `${kind}; filename="${imageName(of.job, of.index, file.image.format)}"`);
    await sendFile(res, file);
  };
}

/** A visit of its own, opened at once: whoever sees the gallery need not follow a link for it. */
async function openPainting(res: Response, of: GalleryImage, { address, world }: Deps, { usecases }: VisitContext) {
  const visit = visitOf(res);
  await usecases.visits.galleryImage(visit, of);
  const link = await usecases.visits.offer({ kind: "paint", of }, visit.caller);
  const session = newSession(world);
  const opened = await usecases.visits.open(new URL(link).pathname.split("/").at(-1) ?? "", session);
  giveSession(res, address, opened, { session, now: world.now() });
  return pathOf(address, opened);
}
