import type { Request, Response } from "express";
import type { BatchView, JobView } from "../../contract/usecases.ts";
import { textFor } from "../../text/text.ts";
import type { PlatformContext } from "../platform.ts";
import { batchJson } from "./batch-json.ts";
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
  const views = await Promise.all(jobs.map((id) => context.usecases.job(id, callerOf(req, "events")))); // refuses those of others
  const text = textFor(localeOf(req));
  const batches = views.flatMap(({ id, batch }) => (batch ? [id] : []));
  const showBatch = (view: BatchView) => batchJson(view, text);
  const stream = { jobs, context, closing, batches, showBatch };
  await streamViews(res, stream, (view) => jobJson(view, text, context.world.now()));
}

interface Stream {
  readonly jobs: readonly string[];
  readonly context: Pick<PlatformContext, "usecases" | "world">;
  readonly closing: AbortSignal;
  /** Those of the jobs that stand for a batch. */
  readonly batches?: readonly string[];
  readonly showBatch?: (view: BatchView) => object;
}

/** Streams what `show` makes of jobs, now and at each change, until all are final. */
export async function streamViews(
  res: Response,
  { jobs, context, closing, batches = [], showBatch }: Stream,
  show: (view: JobView) => object,
): Promise<void> {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, closing]);
  res.once("close", () => gone.abort());
  res.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
  res.flushHeaders();
  void keepAlive(res, context, signal);
  try {
    await Promise.all(
      jobs.map((id) =>
        follow(id, res, { context, signal, show, showBatch: batches.includes(id) ? showBatch : undefined }),
      ),
    );
  } finally {
    gone.abort();
    res.end();
  }
}

interface Following {
  readonly context: Stream["context"];
  readonly signal: AbortSignal;
  readonly show: (view: JobView) => object;
  readonly showBatch: Stream["showBatch"];
}

async function follow(id: string, res: Response, { context, signal, show, showBatch }: Following): Promise<void> {
  if (showBatch) {
    for await (const view of context.usecases.batches.watch(id, signal)) {
      res.write(`event: job\ndata: ${JSON.stringify(showBatch(view))}\n\n`);
    }
    return;
  }
  for await (const view of context.usecases.watch(id, signal)) {
    if (signal.aborted) return;
    res.write(`event: job\ndata: ${JSON.stringify(show(view))}\n\n`);
  }
}

/** Proxies hang up on silent connections. */
async function keepAlive(res: Response, { world }: Stream["context"], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    res.write(":\n\n");
    await world.sleep(heartbeatMs, signal);
  }
}
