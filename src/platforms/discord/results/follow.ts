import { type Caller, isFinal, type JobView, type UseCases } from "../../../contract/usecases.ts";
import type { ChannelPermission } from "../../../errors.ts";
import type { Text } from "../../../text/text.ts";
import type { Log, World } from "../../../world.ts";
import { messageKey } from "../reply-target.ts";
import { errorFacts } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { renderFailure, renderProgress } from "./progress.ts";
import { imagesShownIn } from "./result.ts";

/** Discord lets a webhook write 5 times in 2 s; one edit in that time leaves room for the answers to buttons. */
const paceMs = 2000;

export interface Following {
  readonly acknowledgement: Acknowledgement;
  readonly usecases: UseCases;
  readonly caller: Caller;
  readonly world: World;
  readonly log: Log;
  readonly text: Text;
  /** Puts the job's images into the acknowledgement. */
  readonly showImages: (job: JobView) => Promise<void>;
  /** Unfinished images are hidden until somebody looks. */
  readonly spoiler: boolean;
  /** As in ReplyTarget. */
  readonly lacking?: readonly ChannelPermission[] | undefined;
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
  const screen = new Screen(following, await balance(following), over, stop);
  try {
    await screen.show(await usecases.job(first.id, following.caller).catch(() => first));
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
  return state === "awaiting" || state === "queued" || state === "running";
}

/** Resolves to the credits that are left now that the job holds its price. */
async function balance({ usecases, caller, log }: Following): Promise<number | undefined> {
  try {
    return await usecases.creditsLeft(caller);
  } catch (error) {
    log.warn(errorFacts(error), "discord: a balance is not known");
    return undefined;
  }
}

/** Edits at a pace, and skips what would look the same. */
class Screen {
  readonly #following: Following;
  readonly #left: number | undefined;
  readonly #over: AbortController;
  readonly #stop: AbortSignal;
  #shown = "";
  #shownAt = 0;
  #outdated = false;
  #painting: Promise<void> | undefined;

  constructor(following: Following, left: number | undefined, over: AbortController, stop: AbortSignal) {
    this.#following = following;
    this.#left = left;
    this.#over = over;
    this.#stop = stop;
  }

  async show(job: JobView): Promise<void> {
    if (!isUnderWay(job) && job.state !== "cancelled") return; // the last word is the delivery's
    const { acknowledgement, world, log } = this.#following;
    const message = this.#render(job);
    if (JSON.stringify(message) === this.#shown) return;
    this.#shown = JSON.stringify(message);
    this.#shownAt = world.now();
    try {
      const edited = await editWithPicture(acknowledgement, message, () => this.#render(unpictured(job)));
      if (!edited) this.#over.abort();
      else if (isUnderWay(job)) await this.#correct(job.id);
    } catch (error) {
      log.warn(errorFacts(error), "discord: an acknowledgement was not updated");
    }
  }

  changed(id: string): void {
    this.#outdated = true;
    this.#painting ??= this.#paint(id)
      .catch((error) => this.#following.log.warn(errorFacts(error), "discord: a job is not followed any more"))
      .finally(() => {
        this.#painting = undefined;
      });
  }

  async idle(): Promise<void> {
    await this.#painting;
  }

  /** Renders the progress of a job as the acknowledgement shows it. */
  #render(job: JobView): Outgoing {
    const { text, spoiler, lacking } = this.#following;
    return renderProgress(job, { text, left: this.#left, spoiler, lacking });
  }

  async #paint(id: string): Promise<void> {
    const { usecases, caller, world } = this.#following;
    while (this.#outdated && !this.#stop.aborted) {
      this.#outdated = false;
      await world.sleep(Math.max(0, this.#shownAt + paceMs - world.now()), this.#stop);
      const job = await usecases.job(id, caller); // after the pause another process may have delivered it
      if (!isUnderWay(job) || this.#stop.aborted) return;
      await this.show(job);
    }
  }

  /** A delivery may have said the last word while ours was on its way: then ours is over it, or it is over ours. */
  async #correct(id: string): Promise<void> {
    const { acknowledgement, text } = this.#following;
    const job = await this.#ended(id);
    if (!job) return;
    if (job.state === "failed" && !job.request.private) await acknowledgement.edit(renderFailure(job, text));
    else if (job.state !== "delivered") await acknowledgement.edit(this.#render(job));
    else await this.#correctResult(job);
  }

  async #correctResult(job: JobView): Promise<void> {
    const { acknowledgement, usecases, caller } = this.#following;
    const seen = await acknowledgement.look();
    if (!seen || imagesShownIn(seen, job.id).length > 0) return; // the images are over ours
    const keys = await usecases.messagesOf(job.id, caller);
    if (keys.includes(messageKey(seen.channel_id, seen.id))) await this.#following.showImages(job);
    else await acknowledgement.edit(this.#render(job));
  }

  /** The job at its end; undefined while it is under way. */
  async #ended(id: string): Promise<JobView | undefined> {
    const { usecases, caller } = this.#following;
    const now = await usecases.job(id, caller);
    if (isUnderWay(now) || isFinal(now.state)) return isUnderWay(now) ? undefined : now;
    for await (const job of usecases.watch(id, this.#stop)) if (isFinal(job.state)) return job;
    return undefined;
  }
}

/** The next preview takes the file of the last one away: then the words go alone. */
async function editWithPicture({ edit }: Acknowledgement, message: Outgoing, without: () => Outgoing) {
  try {
    return await edit(message);
  } catch (error) {
    if (!message.files?.length) throw error;
    return edit(without());
  }
}

function unpictured({ progress: _, ...job }: JobView): JobView {
  return job;
}
