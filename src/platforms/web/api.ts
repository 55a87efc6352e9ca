import { json, type RequestHandler, Router } from "express";
import { z } from "zod";
import type { JobView } from "../../contract/usecases.ts";
import { playgroundTextFor } from "../../text/playground.ts";
import { languageOf, textFor } from "../../text/text.ts";
import type { PlatformContext } from "../platform.ts";
import { batchJson } from "./batch-json.ts";
import { callerOf, localeOf } from "./caller.ts";
import { streamJobs } from "./events.ts";
import { formOf } from "./forms.ts";
import { sendImage, sendSaved, sendUnfinished } from "./image-file.ts";
import { jobJson } from "./job-json.ts";
import type { ApiOptions } from "./options.ts";
import { Problem } from "./problem.ts";
import { quote } from "./quote.ts";
import { runCommand } from "./run-command.ts";
import { uploadLimits } from "./upload.ts";

const historyLength = 20;

const historyJson = z.object({
  search: z.string().max(200).optional(),
  before: z.string().max(64).optional(),
});

/** Makes the routes that the page asks; the page is the only client that they are made for. */
export function createApi(options: ApiOptions): Router {
  const { context, closing } = options;
  const router = Router();
  router.use("/api", (_req, res, next) => {
    res.set("Cache-Control", "no-store");
    next();
  });
  router.get("/api/me", me(options));
  router.get("/api/commands", listForms(context));
  router.get("/api/settings", async (req, res) => {
    res.json(await context.usecases.settings(callerOf(req, "settings")));
  });
  router.post("/api/quote", json({ limit: "256kb" }), quote(context));
  router.post("/api/commands/:name", runCommand(options));
  router.get("/api/history", history(context));
  router.get("/api/jobs/:ids/events", (req, res) => streamJobs(req.params.ids, req, res, context, closing));
  router.get("/saved/:hash", (req, res) => sendSaved(req.params.hash, req, res, context));
  router.get("/images/:job/unfinished", (req, res) => sendUnfinished(req.params.job, req, res, context));
  router.get("/images/:job/:index", (req, res) => sendImage(req.params, req, res, context));
  return router;
}

function listForms({ commands, usecases }: PlatformContext): RequestHandler {
  return async (req, res) => {
    const caller = callerOf(req, "commands");
    const { locale, rights } = caller;
    const text = textFor(locale);
    const [styles, references] = await Promise.all([usecases.styles.names(caller), usecases.references.names(caller)]);
    const choices = { services: usecases.services({}), styles, references };
    const allowed = commands.filter(({ audience }) => audience === "everyone" || rights !== undefined);
    res.json(allowed.map((command) => formOf(command, text, choices)));
  };
}

function me({ context, signedIn }: ApiOptions): RequestHandler {
  return async (req, res) => {
    const locale = localeOf(req);
    const available = await context.usecases.creditsLeft(callerOf(req, "me"));
    res.json({
      credits: textFor(locale).credits(available),
      language: languageOf(locale),
      words: playgroundTextFor(locale),
      limits: uploadLimits,
      signedIn,
    });
  };
}

function history(context: PlatformContext): RequestHandler {
  return async (req, res) => {
    const text = textFor(localeOf(req));
    const query = historyJson.safeParse(req.query);
    if (!query.success) throw new Problem(400, "notUnderstood");
    const asked = { ...query.data, limit: historyLength };
    const views = await context.usecases.history(callerOf(req, "history"), asked);
    const now = context.world.now();
    const shown = async (view: JobView) => {
      if (!view.batch) return jobJson(view, text, now);
      return batchJson(await context.usecases.batches.view(view.id, callerOf(req, "history")), text);
    };
    res.json({ jobs: await Promise.all(views.map(shown)), more: views.length === historyLength });
  };
}
