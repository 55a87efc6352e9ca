import { json, type Request, type RequestHandler, Router } from "express";
import { z } from "zod";
import { playgroundTextFor } from "../../text/playground.ts";
import { languageOf, textFor } from "../../text/text.ts";
import type { PlatformContext } from "../platform.ts";
import { readAnswers } from "./answers.ts";
import { callerOf, localeOf } from "./caller.ts";
import { streamJobs } from "./events.ts";
import { formOf } from "./forms.ts";
import { sendImage } from "./image-file.ts";
import { jobJson, replyJson } from "./job-json.ts";
import { Problem } from "./problem.ts";
import { type UploadOptions, uploadLimits, withParts } from "./upload.ts";

const historyLength = 50;

const draftJson = z.strictObject({
  prompt: z.string(),
  size: z.string().optional(),
  quality: z.string().optional(),
  count: z.number().optional(),
  format: z.string().optional(),
  provider: z.string().optional(),
  private: z.boolean().optional(),
  files: z.strictObject({ references: z.int().min(0).max(100), masked: z.boolean() }).optional(),
});

export interface ApiOptions {
  readonly context: PlatformContext;
  readonly uploads: UploadOptions;
  /** Aborts when the platform stops. */
  readonly closing: AbortSignal;
  /** The page shows how to sign out. */
  readonly signedIn: boolean;
}

/** What the page asks of the server; the page is the only client that it is made for. */
export function createApi(options: ApiOptions): Router {
  const { context, closing } = options;
  const router = Router();
  router.use("/api", (_req, res, next) => {
    res.set("Cache-Control", "no-store");
    next();
  });
  router.get("/api/me", me(options));
  router.get("/api/commands", (req, res) => {
    const text = textFor(localeOf(req));
    const services = context.usecases.services({});
    res.json(context.commands.map((command) => formOf(command, text, services)));
  });
  router.post("/api/quote", json({ limit: "256kb" }), quote(context));
  router.post("/api/commands/:name", runCommand(options));
  router.get("/api/history", history(context));
  router.get("/api/jobs/:ids/events", (req, res) => streamJobs(req.params.ids, req, res, context, closing));
  router.get("/images/:job/:index", (req, res) => sendImage(req.params, req, res, context));
  return router;
}

function me({ context, signedIn }: ApiOptions): RequestHandler {
  return async (req, res) => {
    const locale = localeOf(req);
    const { available } = await context.usecases.credits(callerOf(req, "me"));
    res.json({
      credits: textFor(locale).credits(available),
      language: languageOf(locale),
      words: playgroundTextFor(locale),
      limits: uploadLimits,
      signedIn,
    });
  };
}

function quote(context: PlatformContext): RequestHandler {
  return async (req, res) => {
    const draft = draftJson.safeParse(req.body);
    if (!draft.success) throw new Problem(400, "notUnderstood");
    const { files, ...typed } = draft.data;
    const quoted = await context.usecases.quote(typed, callerOf(req, "quote"), files);
    res.json({ card: textFor(localeOf(req)).quote(quoted), quote: quoted });
  };
}

function runCommand({ context, uploads }: ApiOptions): RequestHandler<{ name: string }> {
  const { commands, usecases, world, observer } = context;
  return async (req, res) => {
    const began = world.now();
    const command = commands.find(({ name }) => name === req.params.name);
    if (!command) throw new Problem(404, "noCommand");
    const caller = callerOf(req, requestKey(req));
    const text = textFor(caller.locale);
    const reply = await withParts(req, command, uploads, (parts) =>
      command.run({ answers: readAnswers(command, parts), caller, usecases, text }),
    );
    res.json(replyJson(reply, text, world.now()));
    observer.acknowledged({ platform: "web", ms: world.now() - began });
  };
}

/** Made by the page for each press, so that a press that is sent twice makes one job. */
function requestKey(req: Request): string {
  const key = req.get("Idempotency-Key") ?? "";
  if (!/^[\w-]{8,64}$/.test(key)) throw new Problem(400, "requestKey");
  return key;
}

function history(context: PlatformContext): RequestHandler {
  return async (req, res) => {
    const text = textFor(localeOf(req));
    const views = await context.usecases.history(callerOf(req, "history"), historyLength);
    const now = context.world.now();
    res.json(views.map((view) => jobJson(view, text, now)));
  };
}
