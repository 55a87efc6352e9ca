import type { BatchView } from "../../../contract/usecases.ts";
import { renderCard } from "../cards.ts";
import { errorFacts } from "../rest/failure.ts";
import type { Following } from "./follow.ts";

/** As for a single job. */
const paceMs = 2000;

interface BatchFollowing extends Omit<Following, "showImages" | "spoiler"> {
  /** The acknowledgement itself becomes the message of the batch; undefined where that is posted elsewhere. */
  readonly showImages: ((view: BatchView) => Promise<void>) | undefined;
}

/** Shows in its acknowledgement how a batch stands, until all of its parts have ended. An edit that fails is overtaken by the next. */
export async function followBatch(first: BatchView, following: BatchFollowing): Promise<void> {
  const { usecases, world, until, signal, log } = following;
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  void world.sleep(Math.max(0, until - world.now()), stop).then(() => over.abort());
  let latest = first;
  let painting: Promise<void> | undefined;
  const paint = async () => {
    let shown: BatchView | undefined;
    while (shown !== latest && !stop.aborted) {
      shown = latest;
      if (!(await show(shown, following))) over.abort();
      if (shown !== latest) await world.sleep(paceMs, stop);
    }
  };
  const changed = () => {
    painting ??= paint()
      .catch((error) => log.warn(errorFacts(error), "discord: an acknowledgement was not updated"))
      .finally(() => {
        painting = undefined;
      });
  };
  changed();
  try {
    for await (const view of usecases.batches.watch(first.id, stop)) {
      latest = view;
      changed();
    }
    await painting;
    if (!stop.aborted) await show(latest, following);
  } catch (error) {
    log.warn(errorFacts(error), "discord: a batch is not followed any more");
  } finally {
    over.abort();
    await painting;
  }
}

const isPosted = (view: BatchView) => view.parts.some(({ state }) => state === "delivered");

/** False once the acknowledgement is out of reach, or shows the images themselves. */
async function show(view: BatchView, following: BatchFollowing): Promise<boolean> {
  const { acknowledgement, text, usecases, caller, showImages } = following;
  if (showImages && isPosted(view)) return false; // the last word is the delivery's
  const edited = await acknowledgement.edit(renderCard(text.batches.card(view)));
  if (!showImages || !edited) return edited !== undefined;
  const now = await usecases.batches.view(view.id, caller);
  if (!isPosted(now)) return true;
  await showImages(now); // ours may have come over the images
  return false;
}
