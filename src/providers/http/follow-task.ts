import { ProviderError } from "../../errors.ts";
import type { World } from "../../world.ts";
import { type Json, reportsError } from "../decode/json.ts";
import { readShortJson } from "../decode/short-json.ts";
import type { CallContext, ProviderEvent } from "../provider.ts";
import type { Answer, ServiceConnection } from "./http.ts";
import { receiveListed } from "./receive.ts";
import { answeredError } from "./service-error.ts";

/** One paid call that has, or may have, become a task. */
export interface TaskCall {
  readonly connection: ServiceConnection;
  readonly world: World;
  readonly count: number;
  readonly context: CallContext;
}

/** A task as its service describes it at a moment. */
export interface Task {
  readonly state: "running" | "completed" | "failed";
  /** 0 to 100. */
  readonly percent?: number | undefined;
  /** Images by place; undefined for one without a URL. */
  readonly urls: readonly (string | undefined)[];
  /** Why it failed, as an error document. */
  readonly error?: Json | undefined;
}

/** The way to ask a service for one task. */
export interface TaskQuery {
  readonly id: string;
  /** Path of the task's documents; addresses in them are relative to it. */
  readonly path: string;
  /** Asks now; images that the answer itself brings are committed, and their places added. Throws ProviderError. */
  ask(arrived: Set<number>): Promise<Task>;
}

/** Images of a task that are there so far. */
interface Taken {
  readonly arrived: Set<number>;
  readonly reported: Set<number>;
  /** How often fetching them went wrong. */
  failures: number;
}

export const firstPauseMs = 2000;
const longestPauseMs = 15_000;
const pauseGrowth = 1.5;
/** Callbacks by which a call is woken up: more of them, by mistake or malice, do not make it ask any faster. */
const maxHints = 10;
/** A task can be asked for its URLs anew, so an image that cannot be fetched is not lost at once. */
const maxFailures = 3;
/** In bytes, of the answer that names the task. */
const longestNaming = 64 * 1024;

/**
 * Reads which task a paid call became; `idIn` finds its id in the answer. Throws ProviderError, `unknown` when the answer
 * names none: one may run all the same.
 */
export async function taskStarted(
  { service }: ServiceConnection,
  answer: Answer,
  idIn: (document: Json) => string | undefined,
): Promise<string> {
  const document = await readShortJson(answer.body, { most: longestNaming, drop: answer.drop });
  if (document !== undefined && reportsError(document)) throw answeredError(service, { ...answer, body: document });
  const id = document === undefined ? undefined : idIn(document);
  if (id !== undefined) return id;
  const { status, reference } = answer;
  throw new ProviderError(service.name, "unknown", "the answer names no task", { status, reference });
}

/**
 * Asks for a task until it has ended, and takes its images. What goes wrong with asking says nothing of the task, and
 * never ends it; a callback only wakes the call up. Throws ProviderError, `unknown` when the call's signal aborts first.
 */
export async function* followTask(call: TaskCall, query: TaskQuery): AsyncGenerator<ProviderEvent> {
  const { service } = call.connection;
  const taken: Taken = { arrived: new Set(), reported: new Set(), failures: 0 };
  let [percent, hints] = [0, 0];
  for (let pauseMs = firstPauseMs; !call.context.signal.aborted; pauseMs = longerPause(pauseMs)) {
    const task = await query.ask(taken.arrived).catch(asProviderError);
    if (task instanceof ProviderError) {
      await call.world.sleep(Math.max(pauseMs, task.retryAfterMs ?? 0), call.context.signal);
      continue;
    }
    if (task.state === "failed") throw answeredError(service, { status: 200, headers: {}, body: task.error });
    if (task.percent !== undefined && task.percent > percent) {
      percent = task.percent;
      yield { type: "progress", percent };
    }
    if (task.state === "completed" && (yield* takeImages(call, query, task, taken))) {
      return yield { type: "done", reference: query.id };
    }
    if (await pause(call, pauseMs, hints < maxHints)) hints += 1;
  }
  throw new ProviderError(service.name, "unknown", "the task did not end in time", { reference: query.id });
}

/** The next body that somebody posted to the call's address; undefined after `ms`, or where nobody can call back. */
export async function nextCallback({ world, context }: TaskCall, ms: number): Promise<unknown> {
  // One that cannot be looked for, because a database is away, is no reason to lose a paid call.
  return context.callback?.next(ms, context.signal).catch(() => world.sleep(ms, context.signal));
}

export function longerPause(pauseMs: number): number {
  return Math.min(pauseMs * pauseGrowth, longestPauseMs);
}

/** Returns the error of a call, for `catch`; a bug is thrown on. */
export function asProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  throw error;
}

/** Takes the images of a completed task; true when no more will come. */
async function* takeImages(
  call: TaskCall,
  query: TaskQuery,
  task: Task,
  taken: Taken,
): AsyncGenerator<ProviderEvent, boolean> {
  const { arrived, reported } = taken;
  const problem = await fetchMissing(call, query, task, arrived);
  for (const index of arrived) {
    if (reported.has(index)) continue;
    reported.add(index);
    yield { type: "image", index };
  }
  // Completed, but not one image: as long as there is time, they may still appear.
  if (!problem) return arrived.size > 0;
  taken.failures += 1;
  if (taken.failures < maxFailures) return false;
  if (arrived.size === 0) throw problem;
  return true;
}

async function fetchMissing(
  { connection, context, count }: TaskCall,
  { path }: TaskQuery,
  { urls }: Task,
  arrived: Set<number>,
): Promise<ProviderError | undefined> {
  const missing = urls.slice(0, count).map((url, index) => (arrived.has(index) ? undefined : url));
  if (!missing.some(Boolean)) return undefined;
  try {
    const base = `${connection.service.baseUrl}${path}`;
    for await (const event of receiveListed(connection.service, missing, { context, base })) {
      if (event.type === "image") arrived.add(event.index);
    }
  } catch (error) {
    return asProviderError(error);
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
