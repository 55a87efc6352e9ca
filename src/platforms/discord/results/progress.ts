import path from "node:path";
import type { JobView } from "../../../contract/usecases.ts";
import type { ChannelPermission } from "../../../errors.ts";
import type { Text } from "../../../text/text.ts";
import { renderCard } from "../cards.ts";
import { codeBlock, relativeTime } from "../markup.ts";
import type { Outgoing, OutgoingFile } from "../rest/message.ts";

interface Progress {
  readonly text: Text;
  /** The member has so much left, where that is known. */
  readonly left: number | undefined;
  /** The preview is hidden until somebody looks. */
  readonly spoiler: boolean;
  /** The result cannot be posted where it was asked for, because of these. */
  readonly lacking?: readonly ChannelPermission[] | undefined;
}

/** A job on its way: what, for how much, how long still, what is left afterwards, and what it looks like so far. */
export function renderProgress(job: JobView, { text, left, spoiler, lacking }: Progress): Outgoing {
  const underWay = job.state === "awaiting" || job.state === "queued" || job.state === "running";
  const warning = lacking && !job.request.private ? text.discord.lacking(lacking) : "";
  const lines = underWay ? [timeLine(job, text), left === undefined ? "" : text.discord.left(left), warning] : [];
  return renderCard(text.job(job), {
    lines: lines.filter(Boolean),
    picture: underWay ? preview(job, text, spoiler) : undefined,
  });
}

/** No images: why, with Try again, and with the prompt to copy. */
export function renderFailure(job: JobView, text: Text): Outgoing {
  return renderCard(text.job(job), { lines: [codeBlock(job.request.prompt, 900)] });
}

function timeLine({ state, startedAt, expected, progress }: JobView, text: Text): string {
  const end = expected && relativeTime(expected.endAt);
  if (state === "running" && startedAt !== undefined) {
    return text.discord.started(relativeTime(startedAt), end, progress?.percent);
  }
  return end
    ? text.discord.expected(expected.startAt === undefined ? undefined : relativeTime(expected.startAt), end)
    : "";
}

function preview(job: JobView, text: Text, spoiler: boolean): OutgoingFile | undefined {
  const file = job.progress?.preview;
  if (!file) return undefined;
  const extension = path.extname(file).slice(1) || "png";
  return {
    path: file,
    name: `${job.id}-preview.${extension}`,
    mime: `image/${extension === "jpg" ? "jpeg" : extension}`,
    alt: text.result.altText(job, 1024),
    spoiler,
  };
}
