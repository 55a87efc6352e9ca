import {
  type Caller,
  type Draft,
  isFinal,
  type JobImage,
  type JobView,
  type QuoteView,
  type UseCases,
} from "../../../src/contract/usecases.ts";
import { Refusal } from "../../../src/errors.ts";
import { parseSize, type Quality, type Request } from "../../../src/request.ts";
import { type FakeRecords, fakeRecords } from "../fake-records.ts";
import { fakeSubmit } from "../fake-submit.ts";
import { noBatches } from "../no-batches.ts";

/** One call that may start a job. */
interface StartedBy {
  readonly name: "imagine" | "edit" | "again" | "vary" | "upscale" | "final";
  readonly of?: JobImage;
  readonly draft: Draft;
  readonly caller: Caller;
}

/** Jobs that go where the test pushes them; nothing is drawn or charged. */
export interface SlackUseCases extends UseCases {
  readonly starts: StartedBy[];
  readonly records: FakeRecords;
  /** The next call that may start a job throws this. */
  failNext(error: Error): void;
  /** Each order costs so much that the member is asked first. */
  dear?: number;
  /** Instead of the usual quote. */
  quoteBy(quote: UseCases["quote"]): void;
  push(job: string, change: Partial<JobView>): JobView;
}

export function slackUseCases(): SlackUseCases {
  const { known, push, start, all, watch, ...book } = jobBook();
  let quoted: UseCases["quote"] | undefined;
  const draftOf = (job: string): Draft => ({ prompt: known(job).request.prompt, private: known(job).request.private });
  const records = fakeRecords(all);

  const usecases: SlackUseCases = {
    ...book,
    ...records,
    ...fakeSubmit({
      price: async () => {
        const { dear = 0 } = usecases;
        return dear ? { ...plainQuote, total: dear, after: 1000 - dear, confirm: true } : plainQuote;
      },
      async isPrivate(order, caller) {
        const said = "draft" in order ? order.draft.private : known(order.of.job).request.private;
        return said ?? (await records.settings(caller)).private ?? false;
      },
      make: async ({ kind, ...order }, caller) => {
        const name = kind === "draft" ? "imagine" : kind === "batch-again" ? "again" : kind;
        const draft = "draft" in order ? order.draft : draftOf(order.of.job);
        return start({ name, draft, caller, ...("of" in order ? { of: order.of } : {}) });
      },
    }),
    retention: { contentDays: 30, referenceDays: 7 },
    batches: noBatches,
    records,
    push,
    watch,
    quoteBy: (quote) => {
      quoted = quote;
    },
    quote: async (draft, caller, files) => quoted?.(draft, caller, files) ?? plainQuote,
    services: () => [{ name: "sandbox", label: "Sandbox", total: 5 }],
    cancel: async (job) => {
      if (known(job).state !== "queued") throw new Refusal("too-late-to-cancel", {});
      return push(job, { state: "cancelled" });
    },
    creditsLeft: async () => 640,
    credits: async () => ({ available: 640, held: 0, renewsTo: 1000, renewsAt: Date.UTC(2026, 10, 21), movements: [] }),
    history: async (_caller, { limit }) => all().slice(-limit),
    job: async (id) => known(id),
    imageFile: async () => {
      throw new Refusal("job-has-no-images", {});
    },
  };
  return usecases;
}

const plainQuote: QuoteView = {
  provider: "sandbox",
  unit: 5,
  total: 5,
  changes: [],
  available: 1000,
  after: 995,
  confirm: false,
};

/** The jobs, who started them, and whoever watches them. */
function jobBook() {
  const starts: StartedBy[] = [];
  const jobs = new Map<string, JobView>();
  const byInbound = new Map<string, string>();
  const watchers = new Set<() => void>();
  let nextError: Error | undefined;

  const known = (id: string): JobView => {
    const job = jobs.get(id);
    if (!job) throw new Refusal("job-unknown", {});
    return job;
  };
  return {
    starts,
    known,
    all: () => [...jobs.values()],
    failNext(error: Error) {
      nextError = error;
    },
    push(id: string, change: Partial<JobView>): JobView {
      const job = { ...known(id), ...change };
      jobs.set(id, job);
      for (const wake of watchers) wake();
      return job;
    },
    async start(started: StartedBy): Promise<JobView> {
      starts.push(started);
      const error = nextError;
      nextError = undefined;
      if (error) throw error;
      const { draft, caller } = started;
      const job = byInbound.get(caller.inbound) ?? `job${jobs.size + 1}`;
      if (!jobs.has(job)) jobs.set(job, queuedJob(job, draft, caller));
      byInbound.set(caller.inbound, job);
      return known(job);
    },
    watch: (id: string, signal: AbortSignal) => watchJob(() => known(id), watchers, signal),
  };
}

async function* watchJob(look: () => JobView, watchers: Set<() => void>, signal: AbortSignal) {
  for (let shown: JobView | undefined; !signal.aborted; ) {
    const job = look();
    if (job !== shown) yield job;
    shown = job;
    if (isFinal(job.state)) return;
    if (look() === shown) await woken(watchers, signal);
  }
}

async function woken(watchers: Set<() => void>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = () => {
      watchers.delete(wake);
      resolve();
    };
    watchers.add(wake);
    signal.addEventListener("abort", wake, { once: true });
  });
}

function queuedJob(id: string, draft: Draft, caller: Caller): JobView {
  const request: Request = {
    prompt: draft.prompt,
    references: [],
    size: parseSize(draft.size ?? "auto") ?? "auto",
    quality: (draft.quality ?? "auto") as Quality,
    count: draft.count ?? 1,
    format: "png",
    background: "auto",
    fidelity: "low",
    moderation: "auto",
    private: draft.private ?? false,
  };
  return {
    id,
    member: caller.member,
    memberName: caller.name,
    tenant: caller.tenant,
    locale: caller.locale,
    replyTarget: caller.replyTarget,
    state: "queued",
    position: 1,
    request,
    provider: "sandbox",
    unit: 5,
    held: 5 * request.count,
    changes: [],
    images: [],
    createdAt: 0,
  };
}
