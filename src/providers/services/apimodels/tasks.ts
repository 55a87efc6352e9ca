import { ProviderError } from "../../../errors.ts";
import {
  asProviderError,
  firstPauseMs,
  followTask,
  longerPause,
  nextCallback,
  type TaskCall,
} from "../../http/follow-task.ts";
import type { ProviderEvent } from "../../provider.ts";
import { type ApimodelsTask, taskIdIn, taskIn } from "./documents.ts";
import { readDocument } from "./stream.ts";

const path = "/images/generations";
const lookForCallbackMs = 60_000;
const afterForgeryMs = 1000;

/** Follows a task to its end (AM-16). Throws ProviderError, `unknown` when the call's signal aborts first. */
export function followById(call: TaskCall, id: string): AsyncGenerator<ProviderEvent> {
  return followTask(call, { id, path, ask: (arrived) => ask(call, id, arrived) });
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

/** Asks the service about a task. Images in its answer are committed. Throws ProviderError. */
async function ask(call: TaskCall, id: string, arrived: Set<number>): Promise<ApimodelsTask> {
  const { connection, context, count } = call;
  try {
    const answer = await connection.open(`${path}?task_id=${encodeURIComponent(id)}`, context.signal);
    return taskIn(await readDocument(answer, { count, arrived, openImage: (index) => context.openImage(index) }));
  } catch (cause) {
    if (cause instanceof ProviderError) throw cause;
    throw new ProviderError(connection.service.name, "damaged", "the answer about a task is no use", { cause });
  }
}

async function exists(call: TaskCall, id: string, untilMs: number): Promise<boolean> {
  const { world, context } = call;
  for (let pauseMs = firstPauseMs; ; pauseMs = longerPause(pauseMs)) {
    const task = await ask({ ...call, count: 0 }, id, new Set()).catch(asProviderError);
    if (!(task instanceof ProviderError)) return task.known;
    const declined = task.outcome === "refused" && task.refusedFor !== "rate";
    if (declined || context.signal.aborted || world.now() >= untilMs) return false;
    await world.sleep(Math.max(pauseMs, task.retryAfterMs ?? 0), context.signal);
  }
}
