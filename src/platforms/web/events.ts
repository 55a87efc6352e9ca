import type { Request, Response } from "express";
import { textFor } from "../../text/text.ts";
import type { PlatformContext } from "../platform.ts";
import { callerOf, localeOf } from "./caller.ts";
import { jobJson } from "./job-json.ts";

const heartbeatMs = 15_000;
const maxJobs = 50;

/**
 * Streams the caller's jobs (ids with commas between) as server-sent events `job`, until all are final.
 * Several by one stream, because a browser opens six connections to one host and no more.
 */
export async function streamJobs(
  ids: string,
  req: Request,
  res: Response,
  context: PlatformContext,
  closing: AbortSignal,
): Promise<void> {
  const jobs = [...new Set(ids.split(","))].slice(0, maxJobs);
  await Promise.all(jobs.map((id) => context.usecases.job(id, callerOf(req, "events")))); // refuses those of others
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, closing]);
  res.once("close", () => gone.abort());
  res.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
  res.flushHeaders();
  void keepAlive(res, context, signal);
  try {
    await Promise.all(jobs.map((id) => follow(id, req, res, context, signal)));
  } finally {
    gone.abort();
    res.end();
  }
}

async function follow(id: string, req: Request, res: Response, context: PlatformContext, signal: AbortSignal) {
  const text = textFor(localeOf(req));
  for await (const view of context.usecases.watch(id, signal)) {
    if (signal.aborted) return;
    res.write(`event: job\ndata: ${JSON.stringify(jobJson(view, text, context.world.now()))}\n\n`);
  }
}

/** Proxies hang up on silent connections. */
async function keepAlive(res: Response, { world }: PlatformContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    res.write(":\n\n");
    await world.sleep(heartbeatMs, signal);
  }
}
