import { isFinal, type JobView, type UseCases } from "../../../contract/usecases.ts";
import type { Log, World } from "../../../world.ts";
import { messageKey } from "../keys.ts";
import type { ReplyTarget, Spot } from "./reply-target.ts";

/** Slack's pace for one message: at most one change in this time. */
const paceMs = 2000;
/** Slack takes 50 changes a minute in a workspace: what is on its way must leave room for last words. */
const changesPerMinute = 25;
const minuteMs = 60_000;

/** Keeps waiting messages up to date until their jobs are ready to be delivered. */
export interface Followers {
  /** Shows the job as it is now and at each change; a job that is already followed there is not followed twice. */
  follow(job: string, target: ReplyTarget, spot: Spot, show: (view: JobView) => Promise<void>): void;
  /** Follows it no more; resolves once nothing of it is on its way to Slack, so that the next word is the last. */
  leave(target: ReplyTarget, spot: Spot): Promise<void>;
  stop(): Promise<void>;
}

export interface Following {
  readonly usecases: Pick<UseCases, "watch">;
  readonly world: World;
  readonly log: Log;
  /** The job of this member has come to its end. */
  readonly ended: (target: ReplyTarget) => void;
}

/** Images, failures and whatever else is delivered are shown by the delivery, and must not be overwritten from here. */
const shownStates: readonly JobView["state"][] = ["awaiting", "queued", "running", "cancelled"];

export function createFollowers({ usecases, world, log, ended }: Following): Followers {
  const followed = new Map<string, { stop: AbortController; done: Promise<void> }>();
  const mayShow = createBudget(world);

  const leave = async (key: string) => {
    const follower = followed.get(key);
    follower?.stop.abort();
    await follower?.done;
  };

  return {
    follow(job, target, spot, show) {
      const key = messageKey(target.team, spot);
      if (followed.has(key)) return;
      const stop = new AbortController();
      const warn = (err: unknown) => log.warn({ job, err }, "a waiting message in Slack is not up to date");
      const showOrWarn = (view: JobView) => show(view).catch(warn);
      const pace = { world, signal: stop.signal, mayShow: () => mayShow(target.team) };
      const done = watchAndShow(usecases.watch(job, stop.signal), showOrWarn, pace)
        .then((last) => last && isFinal(last.state) && ended(target))
        .catch(warn)
        .finally(() => followed.delete(key));
      followed.set(key, { stop, done: done.then(() => undefined) });
    },
    leave: (target, spot) => leave(messageKey(target.team, spot)),
    async stop() {
      await Promise.all([...followed.keys()].map(leave));
    },
  };
}

interface Pace {
  readonly world: World;
  readonly signal: AbortSignal;
  readonly mayShow: () => boolean;
}

/** Reads every change at once and shows the newest: a slow Slack never makes it show the past. Gives back the last. */
async function watchAndShow(
  views: AsyncIterable<JobView>,
  show: (view: JobView) => Promise<void>,
  { world, signal, mayShow }: Pace,
): Promise<JobView | undefined> {
  let latest: JobView | undefined;
  let showing = Promise.resolve();
  let idle = true;

  const showNewest = async () => {
    let shown: JobView | undefined;
    while (latest && latest !== shown && !signal.aborted) {
      if (!shownStates.includes(latest.state)) {
        shown = latest;
        continue;
      }
      if (isFinal(latest.state) || mayShow()) {
        shown = latest;
        await show(shown);
      }
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
  return latest;
}

/** True while fewer than `changesPerMinute` were shown in this workspace in the last minute. */
function createBudget(world: World): (team: string) => boolean {
  const shown = new Map<string, number[]>();
  return (team) => {
    const recent = (shown.get(team) ?? []).filter((at) => at > world.now() - minuteMs);
    const allowed = recent.length < changesPerMinute;
    shown.set(team, allowed ? [...recent, world.now()] : recent);
    return allowed;
  };
}
