import { json, type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Draft, Files, Visit } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { textFor } from "../../../text/text.ts";
import { visitTextFor } from "../../../text/visits.ts";
import { localeOf } from "../caller.ts";
import { streamViews } from "../events.ts";
import { sendFile } from "../image-file.ts";
import { Problem } from "../problem.ts";
import { requestKey } from "../request-key.ts";
import type { UploadOptions } from "../upload.ts";
import type { VisitContext } from "./context.ts";
import { readId } from "./ids.ts";
import { createPainting } from "./painting.ts";
import { callerOf, visitOf } from "./session.ts";
import { createStreams } from "./streams.ts";

/** Stands for words that are not written yet: a price does not depend on them. */
const someWords = "…";

/** A page follows a job with one stream; whoever opens more loses the oldest. */
const mostStreams = 6;

const quoteJson = z.strictObject({
  prompt: z.string().max(40_000),
  provider: z.string().max(100).optional(),
  quality: z.string().max(40).optional(),
  size: z.string().max(40).optional(),
  /** Images beside the one that is painted over. */
  added: z.int().min(0).max(1),
  masked: z.boolean(),
  canvas: z.boolean(),
});

const answerJson = z.strictObject({ yes: z.boolean() });

/** The routes of the page on which an image is painted over: that image, the price, the order, and how its job stands. */
export function createPaintApi({ uploads }: { readonly uploads: UploadOptions }, context: VisitContext): Router {
  const { usecases } = context;
  const router = Router();
  router.use((_req, res, next) => {
    if (visitOf(res).page.kind === "gallery") return next("router");
    next();
  });
  router.get("/api/me", me(context));
  router.get("/image", async (_req, res) => sendFile(res, await usecases.visits.image(visitOf(res))));
  router.post("/api/quote", json({ limit: "128kb" }), quote(context));
  router.post("/api/paint", createPainting({ uploads }, context));
  router.post("/api/confirmations/:id", json({ limit: "1kb" }), answerConfirmation(context));
  router.get("/api/jobs/:id/events", events(context));
  return router;
}

function me({ usecases }: VisitContext): RequestHandler {
  return async (req, res) => {
    const visit = visitOf(res);
    const locale = localeOf(req);
    const text = textFor(locale);
    const { image } = await usecases.visits.image(visit);
    const available = await usecases.creditsLeft(callerOf(res, "me"));
    res.json({
      words: visitTextFor(locale),
      credits: text.credits(available),
      image: { width: image.width, height: image.height, alt: await altOf(usecases, visit, req) },
      services: usecases.services({}).map(({ name, label, masks }) => ({ name, label, masks: masks === true })),
      qualities: Object.entries(text.choices.quality).map(([value, label]) => ({ value, label })),
    });
  };
}

/** Describes the image to those who do not see it. */
async function altOf(usecases: VisitContext["usecases"], { page, caller }: Visit, req: Parameters<typeof localeOf>[0]) {
  const locale = localeOf(req);
  if (page.kind !== "paint") return visitTextFor(locale).paint.foundImage;
  const job = await usecases.job(page.of.job, caller);
  return textFor(locale).result.altText(job, 1000, job.images[page.of.index ?? 0]);
}

function quote({ usecases }: VisitContext): RequestHandler {
  return async (req, res) => {
    const body = quoteJson.safeParse(req.body);
    if (!body.success) throw new Problem(400, "notUnderstood");
    const { prompt, added, masked, canvas, ...options } = body.data;
    const { page } = visitOf(res);
    const draft: Draft = { ...options, prompt: prompt.trim() === "" ? someWords : prompt, literal: true };
    const quoted =
      page.kind === "paint"
        ? await usecases.quote(draft, callerOf(res, "quote"), filesOver(page.of, { added, masked, canvas }))
        : await usecases.quote({ ...draft, style: "none" }, callerOf(res, "quote"), { references: 1 + added, masked });
    res.json({ card: textFor(localeOf(req)).quote(quoted), changes: quoted.changes.length });
  };
}

function filesOver(of: Files["of"], given: { added: number; masked: boolean; canvas: boolean }): Files {
  const { added, masked, canvas } = given;
  return { references: added + (canvas ? 1 : 0), masked, of, canvas };
}

function answerConfirmation({ usecases }: VisitContext): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const body = answerJson.safeParse(req.body);
    if (!body.success) throw new Problem(400, "notUnderstood");
    const id = readId(req.params.id);
    const caller = callerOf(res, requestKey(req));
    const text = textFor(localeOf(req));
    if (!body.data.yes) {
      await usecases.reject(id, caller);
      return void res.json({ card: text.cards.declined() });
    }
    const submitted = await usecases.submit({ kind: "confirmation", id }, caller);
    if (submitted.kind !== "job") throw new Error("a confirmation asked for another one");
    res.json({ job: submitted.job.id, card: text.job(submitted.job) });
  };
}

/** How an own job stands: words only, its images are shown in the chat. */
function events(context: VisitContext): RequestHandler<{ id: string }> {
  const { usecases, world } = context;
  const streams = createStreams(mostStreams);
  return async (req, res) => {
    const caller = callerOf(res, "events");
    const { id, member } = await usecases.job(readId(req.params.id), caller);
    if (member !== caller.member) throw new Refusal("job-unknown", {});
    const text = textFor(localeOf(req));
    const closing = streams.open(visitOf(res).id, res);
    await streamViews(res, { jobs: [id], context, closing }, (view) => {
      const { title, tone, paragraphs } = text.job(view, world.now());
      return { title, tone, paragraphs, final: view.finishedAt !== undefined };
    });
  };
}
