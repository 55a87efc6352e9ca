import type { Text } from "../../text/text.ts";
import type { Caller, JobView, UseCases } from "../../usecases/usecases.ts";
import type { Log, World } from "../../world.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { renderCard } from "./cards.ts";
import { errorFacts } from "./failure.ts";

/** Discord lets a webhook write 5 times in 2 s; one edit in that time leaves room for the answers to buttons. */
const paceMs = 2000;

export interface Following {
  readonly acknowledgement: Acknowledgement;
  readonly usecases: UseCases;
  readonly caller: Caller;
  readonly world: World;
  readonly log: Log;
  readonly text: Text;
  /** Milliseconds since 1970 at which the acknowledgement goes out of reach. */
  readonly until: number;
  /** Aborts when the platform stops. */
  readonly signal: AbortSignal;
}

/**
 * Shows a job's way through the queue in its acknowledgement, until it is about to be delivered: the last word is the
 * delivery's. `first` is shown at once. An edit that fails is logged and overtaken by the next.
 */
export async function follow(first: JobView, following: Following): Promise<void> {
  const { usecases, world, until, signal } = following;
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  void world.sleep(Math.max(0, until - world.now()), stop).then(() => over.abort());
  const screen = createScreen(following, over, stop);
  try {
    await screen.show(first);
    for await (const job of usecases.watch(first.id, stop)) {
      if (job.state === "cancelled") await screen.show(job); // nothing is delivered that would say so
      if (!isUnderWay(job)) break;
      screen.changed(job.id);
    }
  } finally {
    over.abort();
    await screen.idle();
  }
}

function isUnderWay({ state }: JobView): boolean {
  return state === "queued" || state === "running";
}

/** Edits at a pace, and skips what would look the same. */
function createScreen(
  { acknowledgement, usecases, caller, world, log, text }: Following,
  over: AbortController,
  stop: AbortSignal,
) {
  let shown = "";
  let shownAt = 0;
  let outdated = false;
  let painting: Promise<void> | undefined;

  async function show(job: JobView): Promise<void> {
    const message = renderCard(text.job(job));
    if (JSON.stringify(message) === shown) return;
    shown = JSON.stringify(message);
    shownAt = world.now();
    try {
      if (!(await acknowledgement.edit(message))) over.abort();
    } catch (error) {
      log.warn(errorFacts(error), "discord: an acknowledgement was not updated");
    }
  }

  async function pause(): Promise<void> {
    await world.sleep(Math.max(0, shownAt + paceMs - world.now()), stop);
  }

  async function paint(id: string): Promise<void> {
    while (outdated && !stop.aborted) {
      outdated = false;
      await pause();
      const job = await usecases.job(id, caller); // after the pause another process may have delivered it
      if (!isUnderWay(job) || stop.aborted) return;
      await show(job);
    }
  }

  function changed(id: string): void {
    outdated = true;
    painting ??= paint(id)
      .catch((error) => log.warn(errorFacts(error), "discord: a job is not followed any more"))
      .finally(() => {
        painting = undefined;
      });
  }

  return { show, changed, idle: async () => painting };
}
