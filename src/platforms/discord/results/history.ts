import type { APIMessageTopLevelComponent } from "discord.js";
import { ComponentType } from "discord.js";
import type { JobView } from "../../../contract/usecases.ts";
import { fileFormats } from "../../../image.ts";
import type { Card, CardButton } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import type { Log } from "../../../world.ts";
import { buttonRows, renderContainer, textDisplay } from "../cards.ts";
import { escaped } from "../markup.ts";
import { errorFacts } from "../rest/failure.ts";
import type { Outgoing, OutgoingFile } from "../rest/message.ts";
import type { Files } from "./sending.ts";

/** Discord's limit, for the message as a whole. */
const maxComponents = 40;
const thumbnailBytes = 200_000;

interface Deps {
  readonly context: Files;
  readonly text: Text;
  readonly log: Log;
}

/** Jobs to choose from, each with a small picture and its buttons; as many as Discord's limits hold. */
export async function renderHistory(card: Card, jobs: readonly JobView[], deps: Deps): Promise<Outgoing> {
  const head = renderContainer({ ...card, rows: jobs.length > 0 ? [] : (card.rows ?? []) });
  const components: APIMessageTopLevelComponent[] = [head];
  const files: OutgoingFile[] = [];
  for (const job of jobs) {
    const thumbnail = await thumbnailOf(job, deps);
    const entry = renderEntry(job, thumbnail, deps.text);
    if (count([...components, ...entry]) > maxComponents) break;
    components.push(...entry);
    if (thumbnail) files.push(thumbnail);
  }
  return { components, ...(files.length > 0 ? { files } : {}) };
}

/** A small picture of a job, which may be the first frame of an animation. */
interface Thumbnail extends OutgoingFile {
  readonly firstFrame?: true | undefined;
}

function renderEntry(job: JobView, thumbnail: Thumbnail | undefined, text: Text): APIMessageTopLevelComponent[] {
  const prompt = `${job.parent ? "↳ " : ""}**${escaped(clip(job.batch?.written ?? job.request.prompt, 200)) || "—"}**`;
  const facts = [
    job.batch ? text.batches.past(job, job.batch) : text.result.facts(job),
    ...(thumbnail?.firstFrame ? [text.result.firstFrameOnly] : []),
  ];
  const words = textDisplay([prompt, ...facts.map((fact) => `-# ${escaped(fact)}`)].join("\n"));
  const shown: APIMessageTopLevelComponent = thumbnail
    ? {
        type: ComponentType.Section,
        components: [words],
        accessory: {
          type: ComponentType.Thumbnail,
          media: { url: `attachment://${thumbnail.name}` },
          description: thumbnail.alt ?? null,
        },
      }
    : words;
  return [shown, ...buttonRows([entryButtons(job, text)])];
}

function entryButtons({ id, images, batch }: JobView, { buttons, batches }: Text): CardButton[] {
  if (batch) {
    return [
      { command: "show", job: id, label: buttons.show, style: "plain" },
      { command: "batch-again", job: id, label: batches.againAll, style: "plain" },
    ];
  }
  const again: CardButton = { command: "again", job: id, label: buttons.again, style: "plain" };
  if (images.length === 0) return [again];
  return [
    { command: "show", job: id, label: buttons.show, style: "plain" },
    { command: "edit", job: id, label: buttons.edit, style: "plain" },
    again,
  ];
}

async function thumbnailOf(job: JobView, { context, text, log }: Deps): Promise<Thumbnail | undefined> {
  const [image] = job.images;
  if (!image) return undefined;
  try {
    const { path, format, firstFrame } = await context.fit(image, { bytes: thumbnailBytes, formats: fileFormats });
    const name = `${job.id}-small.${format === "jpeg" ? "jpg" : format}`;
    return { path, name, mime: `image/${format}`, alt: text.result.altText(job, 300, image), firstFrame };
  } catch (error) {
    log.warn({ job: job.id, ...errorFacts(error) }, "discord: an image of the history cannot be shown");
    return undefined;
  }
}

/** Components, with those inside. */
function count(components: readonly object[]): number {
  return components.reduce((sum: number, part) => {
    const { components: inside = [], accessory } = part as { components?: readonly object[]; accessory?: object };
    return sum + 1 + count(inside) + (accessory ? 1 : 0);
  }, 0);
}
