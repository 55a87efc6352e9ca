import { EventEmitter, on } from "node:events";
import {
  type Caller,
  type Draft,
  isFinal,
  type JobImage,
  type JobView,
  type QuoteView,
  type ServiceOffer,
  type UseCases,
} from "../../../src/contract/usecases.ts";
import { Refusal } from "../../../src/errors.ts";
import type { StoredImage } from "../../../src/image.ts";
import type { Request } from "../../../src/request.ts";
import { fakeRecords } from "../fake-records.ts";
import { fakeSubmit } from "../fake-submit.ts";
import { noBatches } from "../no-batches.ts";

/** Records what a command asked for. */
export interface AskedCall {
  readonly what: "imagine" | "edit" | "again" | "vary" | "upscale" | "final" | "cancel";
  readonly caller: Caller;
  readonly of?: JobImage;
  readonly draft?: Draft;
}

/** The bot behind a platform, moved by hand: jobs stand where a test puts them. */
export class FakeDiscordUseCases implements UseCases {
  readonly asked: AskedCall[] = [];
  readonly jobs = new Map<string, JobView>();
  /** A member spends so much without being asked. */
  asksAbove = Number.POSITIVE_INFINITY;
  /** The next call throws this. */
  refuses: Error | undefined;
  /** The next call waits for this. */
  slow: Promise<unknown> | undefined;
  /** Called when somebody begins or ends to watch a job. */
  onWatching: () => void = () => undefined;
  /** How many watch a job. */
  watching = 0;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly records = fakeRecords(() => [...this.jobs.values()]);
  readonly admin = this.records.admin;
  readonly styles = this.records.styles;
  readonly visits = this.records.visits;
  readonly references = this.records.references;
  readonly approvals = this.records.approvals;
  readonly descriptions = this.records.descriptions;
  readonly retention = { contentDays: 30, referenceDays: 7 };
  readonly jobOfMessage = this.records.jobOfMessage;
  readonly jobsAt = this.records.jobsAt;
  readonly messagesOf = this.records.messagesOf;
  readonly remove = this.records.remove;
  readonly settings = this.records.settings;
  readonly changeSettings = this.records.changeSettings;
  readonly exportData = this.records.exportData;
  readonly deleteData = this.records.deleteData;
  readonly #door = fakeSubmit({
    price: async (order) => this.#price("draft" in order ? (order.draft.count ?? 1) : 1),
    make: ({ kind, ...order }, caller) =>
      this.#accept({ what: kind === "draft" ? "imagine" : kind === "batch-again" ? "again" : kind, caller, ...order }),
  });
  readonly submit = this.#door.submit;
  readonly reject = this.#door.reject;
  readonly tenantGone = this.records.tenantGone;
  readonly welcome = this.records.welcome;
  readonly batches = noBatches;

  /** TokenHub takes by tier, and has no `21:9`; the sandbox can do nothing. */
  services({ size = "2K", count = 1 }: Partial<Draft>): readonly ServiceOffer[] {
    const unit = size.startsWith("1K") ? 80 : size.startsWith("4K") ? 500 : 125;
    const possible = !size.includes("21:9");
    return [
      { name: "tokenhub", label: "TokenHub", ...(possible ? { total: unit * count } : {}) },
      { name: "sandbox", label: "Sandbox" },
    ];
  }

  async cancel(job: string, caller: Caller): Promise<JobView> {
    await this.#note({ what: "cancel", caller, of: { job } });
    return this.move(job, { state: "cancelled" });
  }

  async creditsLeft() {
    return (await this.credits()).available;
  }

  async credits() {
    this.#mayRefuse();
    return {
      ...{ available: 750, held: 0, renewsTo: 1000, renewsAt: Date.UTC(2026, 10, 21) },
      movements: [{ at: Date.UTC(2026, 10, 20, 9), kind: "spent" as const, amount: -250 }],
    };
  }

  async quote(): Promise<never> {
    throw new Error("no command of Discord asks for a quote");
  }

  async history(): Promise<readonly JobView[]> {
    return [...this.jobs.values()].reverse();
  }

  async job(id: string): Promise<JobView> {
    const job = this.jobs.get(id);
    if (!job) throw new Refusal("job-unknown", {});
    return job;
  }

  async *watch(id: string, signal: AbortSignal): AsyncIterable<JobView> {
    const changes = on(this.#changes, id, { signal });
    this.#watchers(+1);
    try {
      const job = await this.job(id);
      yield job;
      if (isFinal(job.state)) return;
      for await (const [view] of changes) yield view;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#watchers(-1);
    }
  }

  async imageFile(): Promise<never> {
    throw new Refusal("job-has-no-images", {});
  }

  /** Puts a job where a test wants it; whoever watches it is told. */
  move(id: string, change: Partial<JobView>): JobView {
    const job = this.jobs.get(id);
    if (!job) throw new Refusal("job-unknown", {});
    const moved = { ...job, ...(change.state && change.state !== "queued" ? { position: undefined } : {}), ...change };
    this.jobs.set(id, moved);
    this.#changes.emit(id, moved);
    return moved;
  }

  #watchers(more: number): void {
    this.watching += more;
    this.onWatching();
  }

  async #accept(asked: AskedCall): Promise<JobView> {
    await this.#note(asked);
    const known = [...this.jobs.values()].find(({ inbound }: JobView & { inbound?: string }) => {
      return inbound === asked.caller.inbound;
    });
    if (known) return known;
    const id = `job${this.jobs.size + 1}`;
    const job = { ...newJob(id, asked.caller, asked.draft), inbound: asked.caller.inbound };
    this.jobs.set(id, job);
    return job;
  }

  async #note(asked: AskedCall): Promise<void> {
    const { slow } = this;
    this.slow = undefined;
    await slow;
    this.#mayRefuse();
    this.asked.push(asked);
  }

  #price(count: number): QuoteView {
    const total = 125 * count;
    const money = { unit: 125, total, available: 750, after: 750 - total, confirm: this.asksAbove < total };
    return { ...money, changes: [], provider: "Sandbox", tier: "2K" };
  }

  #mayRefuse(): void {
    const { refuses } = this;
    this.refuses = undefined;
    if (refuses) throw refuses;
  }
}

/** A queued job for one image; whatever matters to a test is given. */
function newJob(id: string, caller: Caller, draft: Draft = { prompt: "a red bicycle" }): JobView {
  const count = draft.count ?? 1;
  return {
    id,
    member: caller.member,
    memberName: caller.name,
    tenant: caller.tenant,
    locale: caller.locale,
    state: "queued",
    position: 2,
    request: newRequest(draft, count),
    provider: "sandbox",
    tier: "2K",
    unit: 125,
    held: 125 * count,
    changes: [],
    images: [] as readonly StoredImage[],
    createdAt: Date.UTC(2026, 10, 20, 12),
  };
}

function newRequest({ prompt, private: hidden = false }: Draft, count: number): Request {
  return {
    ...{ prompt, count, private: hidden, references: [], size: { width: 2048, height: 1152 } },
    ...{ quality: "high", format: "png", background: "auto", fidelity: "low", moderation: "auto" },
  };
}
