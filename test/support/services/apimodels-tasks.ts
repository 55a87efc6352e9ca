/** Says what becomes of one task; plain data, so that it can be sent to a child process. */
export interface TaskScript {
  /** Polls that find it running, 2 by default; null: it never ends. */
  readonly running?: number | null;
  /** `no-images` is completed all the same. */
  readonly end?: "completed" | "failed" | "no-images";
  /** Why it failed. */
  readonly reason?: unknown;
  /** Answers to its first polls, which then do not count, in their order. */
  readonly polls?: readonly PollAnswer[];
  readonly callbacks?: readonly TaskCallback[];
  /** The answer to its creation is cut off after it was made. */
  readonly lost?: boolean;
}

export interface PollAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Any JSON in which TASK stands for the task's id; a string is sent as HTML. Undefined: the connection is cut. */
  readonly body?: unknown;
}

export interface TaskCallback {
  /** Sent, and answered by the bot, before the nth poll is answered; 0: before the creation is. */
  readonly beforePoll: number;
  /** Any JSON in which TASK stands for the task's id; by default it tells that the task is completed. */
  readonly body?: unknown;
}

/** A task at the service. */
export class FakeTask {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly count: number;
  private readonly script: TaskScript;
  private polled = 0;

  constructor(id: string, fields: FakeTask["fields"], count: number, script: TaskScript) {
    this.id = id;
    this.fields = fields;
    this.count = count;
    this.script = script;
  }

  get lost(): boolean {
    return this.script.lost === true;
  }

  /** AM-8; a task that never ends is billed, as nobody can know. */
  get billed(): boolean {
    return this.script.end !== "failed";
  }

  /** Bodies to call back with before the next poll is answered, or before the creation is. */
  callbacks(beforePoll = this.polled + 1): unknown[] {
    const due = (this.script.callbacks ?? []).filter((each) => each.beforePoll === beforePoll);
    return due.map(({ body }) => this.named(body ?? { code: 200, data: { taskId: "TASK", state: "completed" } }));
  }

  /** The answer to the next poll; `urls` is asked for once it is completed. X-24: this shape is a guess as good as any. */
  async poll(urls: () => Promise<readonly string[]>): Promise<PollAnswer> {
    const { polls = [], running = 2, end = "completed", reason = "the model gave up" } = this.script;
    const scripted = polls[this.polled];
    this.polled += 1;
    if (scripted) return { ...scripted, body: this.named(scripted.body) };
    const at = this.polled - polls.length;
    if (running === null || at <= running) {
      const percent = Math.floor((at / ((running ?? 100) + 1)) * 100);
      return this.documentOf({ state: "processing", progress: Math.min(99, percent) });
    }
    if (end === "failed") return this.documentOf({ state: "failed", error: reason });
    const images = end === "no-images" ? [] : await urls();
    return this.documentOf({ state: "completed", progress: 100, images: images.map((url) => ({ url })) });
  }

  private documentOf(data: object): PollAnswer {
    return { body: { code: 200, message: "success", data: { taskId: this.id, ...data } } };
  }

  private named(body: unknown): unknown {
    return body === undefined ? undefined : JSON.parse(JSON.stringify(body).replaceAll("TASK", this.id));
  }
}
