import { EventEmitter, on } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import {
  type Caller,
  type Draft,
  type HistoryQuery,
  isFinal,
  type JobView,
  type ServiceOffer,
  type UseCases,
} from "../../src/contract/usecases.ts";
import { type Outcome, Refusal } from "../../src/errors.ts";
import { formats, type ImageFormat, type IncomingImage, type StoredImage } from "../../src/image.ts";
import { isPixels, parseSize, type Quality, type Request, tierOf } from "../../src/request.ts";
import { draftOf, filesOf, movementOf, newJob, unit } from "./fake-jobs.ts";
import { fakeRecords } from "./fake-records.ts";
import { fakeSubmit, type NewOrder } from "./fake-submit.ts";
import { landscape } from "./landscape.ts";
import { noBatches } from "./no-batches.ts";

/** Where jobs stop by themselves: in the queue, while they are drawn, or at the end. */
export type StopAt = "queued" | "running" | "end";

const renewsTo = 1000;

/** One call that would have made a job, with the bytes of its files as they were at that moment. */
export interface SeenCall {
  readonly caller: Caller;
  readonly draft: Draft;
  readonly files: readonly { readonly filename: string; readonly path: string; readonly bytes: Buffer }[];
}

/** The bot without its rooms: a queue that the test moves, images made by sharp, credits counted in memory. */
export class FakeUseCases implements UseCases {
  stopAt: StopAt = "end";
  /** How many are watching jobs now. */
  watchers = 0;
  readonly calls: SeenCall[] = [];
  readonly #directory: string;
  readonly #jobs = new Map<string, JobView>();
  readonly #inbound = new Map<string, string>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #drawing: Promise<void>[] = [];
  readonly records = fakeRecords(() => this.jobs);
  readonly admin = this.records.admin;
  readonly styles = this.records.styles;
  readonly visits = this.records.visits;
  readonly references = this.records.references;
  readonly approvals = this.records.approvals;
  readonly descriptions = this.records.descriptions;
  readonly batches = noBatches;
  readonly retention = { contentDays: 30, referenceDays: 7 };
  readonly jobOfMessage = this.records.jobOfMessage;
  readonly jobsAt = this.records.jobsAt;
  readonly messagesOf = this.records.messagesOf;
  readonly remove = this.records.remove;
  readonly settings = this.records.settings;
  readonly changeSettings = this.records.changeSettings;
  readonly exportData = this.records.exportData;
  readonly deleteData = this.records.deleteData;
  readonly tenantGone = this.records.tenantGone;
  readonly welcome = this.records.welcome;
  readonly #door = fakeSubmit({
    price: (order) => this.quote("draft" in order ? order.draft : draftOf(this.#known(order.of.job).request)),
    make: (order, caller) => this.#make(order, caller),
  });
  readonly submit = this.#door.submit;
  readonly reject = this.#door.reject;
  #nextFault: Error | Outcome | undefined;
  #counter = 0;

  static async create(): Promise<FakeUseCases> {
    return new FakeUseCases(await mkdtemp(join(tmpdir(), "atelier-fake-")));
  }

  private constructor(directory: string) {
    this.#directory = directory;
  }

  async close(): Promise<void> {
    await Promise.all(this.#drawing);
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** The next job-making call throws this, or the next job fails with this outcome. */
  failNext(fault: Error | Outcome): void {
    this.#nextFault = fault;
  }

  /** Lets jobs go as far as `stopAt`. */
  async proceed(stopAt: StopAt): Promise<void> {
    this.stopAt = stopAt;
    for (const job of [...this.#jobs.values()]) await this.#advance(job.id);
  }

  /** The service tells or shows this much of a running job. */
  progress(id: string, progress: JobView["progress"]): void {
    this.#set({ ...this.#known(id), progress });
  }

  get jobs(): readonly JobView[] {
    return [...this.#jobs.values()];
  }

  async quote(draft: Draft) {
    const request = await this.#request(draft, []);
    const total = unit * request.count;
    const { available } = await this.credits();
    const tier = isPixels(request.size) ? tierOf(request.size) : undefined;
    return {
      provider: "sandbox",
      tier,
      unit,
      total,
      changes: [],
      available,
      after: available - total,
      confirm: total > 500,
    };
  }

  imagine(draft: Draft, caller: Caller): Promise<JobView> {
    return this.#accept(draft, caller, []);
  }

  services(): readonly ServiceOffer[] {
    return [{ name: "sandbox", label: "Sandbox", total: unit }];
  }

  async cancel(id: string): Promise<JobView> {
    if (this.#known(id).state !== "queued") throw new Refusal("too-late-to-cancel", {});
    return this.#end(id, { state: "cancelled" });
  }

  async creditsLeft() {
    return (await this.credits()).available;
  }

  async credits() {
    const held = this.jobs.filter(({ state }) => !isFinal(state)).reduce((sum, job) => sum + job.held, 0);
    const movements = this.jobs.flatMap((job) => movementOf(job)).reverse();
    const available = renewsTo + movements.reduce((sum, { amount }) => sum + amount, 0);
    return { available, held, renewsTo, renewsAt: Date.UTC(2030, 0, 1), movements: movements.slice(0, 10) };
  }

  async history(_caller: Caller, { limit }: HistoryQuery): Promise<readonly JobView[]> {
    return [...this.#jobs.values()].reverse().slice(0, limit);
  }

  async job(id: string): Promise<JobView> {
    return this.#known(id);
  }

  async *watch(id: string, signal: AbortSignal): AsyncIterable<JobView> {
    const changes = on(this.#changes, id, { signal });
    this.watchers++;
    try {
      yield this.#known(id);
      if (isFinal(this.#known(id).state)) return;
      for await (const [view] of changes) {
        yield view;
        if (isFinal(view.state)) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.watchers--;
    }
  }

  async imageFile({ job, index }: { job: string; index: number }) {
    const image = this.#known(job).images[index];
    if (!image) throw new Refusal("job-has-no-images", {});
    return { path: this.pathOf(image), image };
  }

  pathOf(image: StoredImage): string {
    return join(this.#directory, image.file);
  }

  #make(order: NewOrder, caller: Caller): Promise<JobView> {
    if (order.kind === "draft") return this.imagine(order.draft, caller);
    const { job: id, index } = order.of;
    const { images, request } = this.#known(id);
    const same = draftOf(request);
    if (order.kind === "again") return this.#accept(same, caller, request.references, id);
    const chosen = index === undefined ? images : images.slice(index, index + 1);
    if (order.kind === "edit") return this.#accept(order.draft, caller, chosen, id);
    return this.#accept(order.kind === "vary" ? same : { ...same, size: "2048x2048", count: 1 }, caller, chosen, id);
  }

  async #accept(draft: Draft, caller: Caller, references: readonly StoredImage[], parent?: string): Promise<JobView> {
    const known = this.#inbound.get(caller.inbound);
    if (known) return this.#known(known);
    const fault = this.#nextFault;
    if (fault instanceof Error) {
      this.#nextFault = undefined;
      throw fault;
    }
    const id = `job${(this.#counter++).toString(32).padStart(4, "0")}`;
    this.#inbound.set(caller.inbound, id);
    this.calls.push({ caller, draft, files: await filesOf(draft) });
    const request = await this.#request(draft, references);
    const view = newJob(id, request, caller, parent);
    this.#set({ ...view, position: this.#waiting() + 1 });
    this.#drawing.push(this.#advance(id));
    return this.#known(id);
  }

  async #request(draft: Draft, references: readonly StoredImage[]): Promise<Request> {
    if (draft.prompt.trim() === "") throw new Refusal("prompt-empty", {});
    const size = parseSize(draft.size ?? "auto");
    if (!size) throw new Refusal("size-unknown", { size: draft.size ?? "" });
    const attached = await Promise.all((draft.images ?? []).map((image) => this.#keep(image)));
    const mask = draft.mask && (await this.#keep(draft.mask));
    return {
      prompt: draft.prompt,
      references: [...references, ...attached],
      ...(mask ? { mask } : {}),
      size,
      quality: (draft.quality ?? "auto") as Quality,
      count: draft.count ?? 1,
      format: formats.find((format) => format === draft.format) ?? "png",
      background: "auto",
      fidelity: "low",
      moderation: "auto",
      private: draft.private ?? false,
    };
  }

  async #keep({ filename, source }: IncomingImage): Promise<StoredImage> {
    const bytes = await readFile("path" in source ? source.path : "");
    const {
      width = 0,
      height = 0,
      format,
    } = await sharp(bytes)
      .metadata()
      .catch(() => {
        throw new Refusal("image-unreadable", { filename });
      });
    return this.#store(bytes, { width, height, format: format as ImageFormat });
  }

  async #store(bytes: Buffer, facts: { width: number; height: number; format: ImageFormat }): Promise<StoredImage> {
    const file = `image-${this.#counter++}.${facts.format}`;
    await writeFile(join(this.#directory, file), bytes);
    return { file, sha256: "0".repeat(64), bytes: (await stat(join(this.#directory, file))).size, ...facts };
  }

  async #advance(id: string): Promise<void> {
    const job = this.#known(id);
    if (isFinal(job.state) || this.stopAt === "queued") return;
    if (job.state === "queued") this.#set({ ...job, state: "running", position: undefined, startedAt: Date.now() });
    if (this.stopAt === "running") return;
    const fault = this.#nextFault;
    if (typeof fault === "string") {
      this.#nextFault = undefined;
      this.#end(id, { state: "failed", failure: { outcome: fault, reference: "ref0001" } });
      return;
    }
    const images = await Promise.all(Array.from({ length: job.request.count }, (_, n) => this.#draw(job, n)));
    this.#end(id, { state: "delivered", images, charged: job.held });
  }

  async #draw({ request, id }: JobView, index: number): Promise<StoredImage> {
    const { width, height } = isPixels(request.size) ? request.size : { width: 1024, height: 1024 };
    const pixels = await sharp(Buffer.from(landscape(width, height, `${request.prompt}${index}${id}`)))
      .toFormat(request.format)
      .toBuffer();
    return this.#store(pixels, { width, height, format: request.format });
  }

  #end(id: string, change: Partial<JobView>): JobView {
    const job = this.#known(id);
    return this.#set({ ...job, position: undefined, finishedAt: Date.now(), ...change });
  }

  #set(view: JobView): JobView {
    this.#jobs.set(view.id, view);
    this.#changes.emit(view.id, view);
    return view;
  }

  #known(id: string): JobView {
    const view = this.#jobs.get(id);
    if (!view) throw new Refusal("job-unknown", {});
    return view;
  }

  #waiting(): number {
    return [...this.#jobs.values()].filter(({ state }) => state === "queued").length;
  }
}
