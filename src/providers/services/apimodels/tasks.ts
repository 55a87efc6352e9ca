import { ProviderError } from "../../../errors.ts";
import type { World } from "../../../world.ts";
import type { ServiceConnection } from "../../http/http.ts";
import { receiveListed } from "../../http/receive.ts";
import { answeredError } from "../../http/service-error.ts";
import type { CallContext, ProviderEvent } from "../../provider.ts";
import { type Task, taskIdIn, taskIn } from "./documents.ts";
import { readDocument } from "./stream.ts";

/** One paid call that has, or may have, become a task. */
export interface TaskCall {
  readonly connection: ServiceConnection;
  readonly world: World;
  readonly count: number;
  readonly context: CallContext;
}

/** Images of a task that are there so far. */
interface Taken {
  readonly arrived: Set<number>;
  readonly told: Set<number>;
  /** How often fetching them went wrong. */
  failures: number;
}

const tasksPath = "/images/generations";
const firstPauseMs = 2000;
const longestPauseMs = 15_000;
const pauseGrowth = 1.5;
/** Callbacks by which a call is woken up: more of them, by mistake or malice, do not make it ask any faster. */
const maxHints = 10;
/** A task can be asked for its URLs anew, so an image that cannot be fetched is not lost at once. */
const maxFailures = 3;
const lookForCallbackMs = 60_000;
const afterForgeryMs = 1000;

/**
 * Asks for a task until it has ended (AM-16), and takes its images. What goes wrong with asking says nothing of the
 * task, and never ends it. Throws ProviderError, `unknown` when the call's signal aborts first.
 */
export async function* followTask(call: TaskCall, id: string): AsyncGenerator<ProviderEvent> {
  const { service } = call.connection;
  const taken: Taken = { arrived: new Set(), told: new Set(), failures: 0 };
  let [percent, hints] = [0, 0];
  for (let pauseMs = firstPauseMs; !call.context.signal.aborted; pauseMs = longer(pauseMs)) {
    const task = await ask(call, id, taken.arrived);
    if (task instanceof ProviderError) {
      await call.world.sleep(Math.max(pauseMs, task.retryAfterMs ?? 0), call.context.signal);
      continue;
    }
    if (task.state === "failed") throw answeredError(service, { status: 200, headers: {}, body: task.error });
    if (task.percent !== undefined && task.percent > percent) {
      percent = task.percent;
      yield { type: "progress", percent };
    }
    if (task.state === "completed" && (yield* takeImages(call, task, taken))) {
      return yield { type: "done", reference: id };
    }
    if (await pause(call, pauseMs, hints < maxHints)) hints += 1;
  }
  throw new ProviderError(service.name, "unknown", "the task did not end in time", { reference: id });
}

/**
 * The id of the task that this call became, from a callback (AM-17) until the clock reaches `untilMs`. Of its body only
 * the id is taken, and that only when the service itself knows it: whatever is forged ends there.
 */
export async function taskNamedByCallback(call: TaskCall, untilMs: number): Promise<string | undefined> {
  const { world, context } = call;
  while (context.callback && !context.signal.aborted) {
    const leftMs = Math.max(0, untilMs - world.now());
    const body = await nextCallback(call, Math.min(leftMs, lookForCallbackMs));
    if (body === undefined && leftMs === 0) return undefined;
    const id = taskIdIn(body);
    if (id === undefined) continue;
    if (await exists(call, id, untilMs)) return id;
    await world.sleep(afterForgeryMs, context.signal);
  }
  return undefined;
}

/** Asks the service about a task; a ProviderError when it does not answer. Images in its answer are committed. */
async function ask(call: TaskCall, id: string, arrived: Set<number>): Promise<Task | ProviderError> {
  const { connection, context, count } = call;
  try {
    const answer = await connection.open(`${tasksPath}?task_id=${encodeURIComponent(id)}`, context.signal);
    return taskIn(await readDocument(answer, { count, arrived, openImage: (index) => context.openImage(index) }));
  } catch (cause) {
    if (cause instanceof ProviderError) return cause;
    return new ProviderError(connection.service.name, "damaged", "the answer about a task is no use", { cause });
  }
}

/** Takes the images of a completed task; true when no more will come. */
async function* takeImages(call: TaskCall, task: Task, taken: Taken): AsyncGenerator<ProviderEvent, boolean> {
  const { arrived, told } = taken;
  const problem = await fetchMissing(call, task, arrived);
  for (const index of arrived) {
    if (told.has(index)) continue;
    told.add(index);
    yield { type: "image", index };
  }
  // Completed, but not one image: as long as there is time, they may still appear.
  if (!problem) return arrived.size > 0;
  taken.failures += 1;
  if (taken.failures < maxFailures) return false;
  if (arrived.size === 0) throw problem;
  return true;
}

async function fetchMissing(call: TaskCall, task: Task, arrived: Set<number>): Promise<ProviderError | undefined> {
  const { connection, context, count } = call;
  const missing = task.urls.slice(0, count).map((url, index) => (arrived.has(index) ? undefined : url));
  if (!missing.some(Boolean)) return undefined;
  try {
    const base = `${connection.service.baseUrl}${tasksPath}`;
    for await (const event of receiveListed(connection.service, missing, { context, base })) {
      if (event.type === "image") arrived.add(event.index);
    }
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  if (missing.every((url, index) => url === undefined || arrived.has(index))) return undefined;
  return new ProviderError(connection.service.name, "damaged", "not every image could be fetched");
}

/** Waits, until a callback at most where that may wake it; true when one did. */
async function pause(call: TaskCall, ms: number, mayWake: boolean): Promise<boolean> {
  if (call.context.callback && mayWake) return (await nextCallback(call, ms)) !== undefined;
  await call.world.sleep(ms, call.context.signal);
  return false;
}

/** A callback that cannot be looked for, because a database is away, is no reason to lose a paid call. */
async function nextCallback({ world, context }: TaskCall, ms: number): Promise<unknown> {
  return context.callback?.next(ms, context.signal).catch(() => world.sleep(ms, context.signal));
}

async function exists(call: TaskCall, id: string, untilMs: number): Promise<boolean> {
  const { world, context } = call;
  for (let pauseMs = firstPauseMs; ; pauseMs = longer(pauseMs)) {
    const task = await ask({ ...call, count: 0 }, id, new Set());
    if (!(task instanceof ProviderError)) return task.known;
    const declined = task.outcome === "refused" && task.refusedFor !== "rate";
    if (declined || context.signal.aborted || world.now() >= untilMs) return false;
    await world.sleep(Math.max(pauseMs, task.retryAfterMs ?? 0), context.signal);
  }
}

function longer(pauseMs: number): number {
  return Math.min(pauseMs * pauseGrowth, longestPauseMs);
}
