import type { JobView, UseCases } from "../../usecases/usecases.ts";
import type { Log, World } from "../../world.ts";
import { messageKey, type Spot } from "./place.ts";

/** Slack's pace for one message: at most one change in this time. */
const paceMs = 2000;

/** Keeps waiting messages up to date until their jobs are ready to be delivered. */
export interface Followers {
  /** Shows the job as it is now and at each change; a job that is already followed there is not followed twice. */
  follow(job: string, spot: Spot, show: (view: JobView) => Promise<void>): void;
  /** Follows it no more; resolves once nothing of it is on its way to Slack, so that the next word is the last. */
  leave(spot: Spot): Promise<void>;
  stop(): Promise<void>;
}

/** Images, failures and whatever else is delivered are shown by the delivery, and must not be overwritten from here. */
const shownStates: readonly JobView["state"][] = ["queued", "running", "cancelled"];

export function createFollowers(usecases: Pick<UseCases, "watch">, world: World, log: Log): Followers {
  const followed = new Map<string, { stop: AbortController; done: Promise<void> }>();

  const leave = async (key: string) => {
    const follower = followed.get(key);
    follower?.stop.abort();
    await follower?.done;
  };

  return {
    follow(job, spot, show) {
      const key = messageKey(spot);
      if (followed.has(key)) return;
      const stop = new AbortController();
      const warn = (err: unknown) => log.warn({ job, err }, "a waiting message in Slack is not up to date");
      const showOrWarn = (view: JobView) => show(view).catch(warn);
      const done = watchAndShow(usecases.watch(job, stop.signal), showOrWarn, world, stop.signal)
        .catch(warn)
        .finally(() => followed.delete(key));
      followed.set(key, { stop, done });
    },
    leave: (spot) => leave(messageKey(spot)),
    async stop() {
      await Promise.all([...followed.keys()].map(leave));
    },
  };
}

/** Reads every change at once and shows the newest: a slow Slack never makes it show the past. */
async function watchAndShow(
  views: AsyncIterable<JobView>,
  show: (view: JobView) => Promise<void>,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  let latest: JobView | undefined;
  let showing = Promise.resolve();
  let idle = true;

  const showNewest = async () => {
    let shown: JobView | undefined;
    while (latest && latest !== shown && !signal.aborted) {
      shown = latest;
      if (!shownStates.includes(shown.state)) continue;
      await show(shown);
      await world.sleep(paceMs, signal);
    }
    idle = true;
  };

  for await (const view of views) {
    latest = view;
    if (!idle) continue;
    idle = false;
    showing = showNewest();
  }
  await showing;
}
