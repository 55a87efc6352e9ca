import type { JobView } from "../../contract/usecases.ts";
import { utcTime } from "../words.ts";

/** Says why a queued job waits, in a title. */
export function waitingTitle({ waiting, position, provider }: JobView): string {
  if (waiting?.reason === "paused") return "Waiting: images are paused";
  if (waiting?.reason === "worker") return "Waiting: nothing draws at the moment";
  if (waiting) return `Waiting: ${provider} has trouble`;
  return position && position > 1 ? `Waiting: number ${position} in the queue` : "Waiting: next in the queue";
}

/** Says more about it where it waits for something other than its turn. */
export function waitingLine({ waiting, provider }: JobView): string {
  if (waiting?.reason === "worker")
    return "The part of the bot that draws is not running. It starts by itself when that is back; the operator can see this.";
  if (waiting?.until === undefined)
    return "The operator has paused all images. It starts by itself when the pause ends.";
  return `${provider} does not work at the moment. It is tried again by itself at ${utcTime(waiting.until)}.`;
}
