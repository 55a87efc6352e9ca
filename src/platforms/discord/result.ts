import type { CardButton } from "../../text/card.ts";
import type { Text } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { JobView } from "../../usecases/usecases.ts";
import type { Outgoing, OutgoingFile } from "./api.ts";
import type { ButtonRow } from "./cards.ts";
import { buttonRows } from "./cards.ts";
import { customId } from "./custom-id.ts";
import { codeBlock, escaped } from "./markup.ts";
import type { FittedImage } from "./pack.ts";

const shownPrompt = 1000;
/** Images with buttons of their own in one message: a row of 5 for each action. */
export const imagesWithButtons = 5;

export interface Part {
  readonly images: readonly FittedImage[];
  /** From 0. The first part says whose images they are, the last one what they cost. */
  readonly number: number;
  readonly last: boolean;
}

/** One message of a result: who asked for what, the images, their facts, and what to do with them next. */
export function renderResult(job: JobView, user: string, { images, number, last }: Part, text: Text): Outgoing {
  const { facts, fewer } = text.result;
  const lines = [
    ...(number === 0 ? [`<@${user}>`, codeBlock(job.request.prompt, shownPrompt)] : []),
    ...(last && job.images.length < job.request.count ? [fewer(job.images.length, job.request.count)] : []),
    ...(last ? [escaped(facts(job))] : []),
  ];
  return {
    content: clip(lines.join("\n"), 2000),
    components: resultButtons(job, images, last, text),
    files: images.map((image) => renderFile(job, image, text)),
  };
}

/** How a message of this job's images is known again: only the part with image `index` holds this button. */
export function markOf(job: string, index: number): string {
  return customId({ command: "edit", job, index });
}

function resultButtons(job: JobView, images: readonly FittedImage[], last: boolean, text: Text): ButtonRow[] {
  const { buttons } = text;
  const again: CardButton[] = last ? [{ command: "again", job: job.id, label: buttons.again, style: "plain" }] : [];
  const groups = (["vary", "edit", "upscale"] as const).map((command) =>
    images.slice(0, imagesWithButtons).map(
      ({ index }): CardButton => ({
        command,
        job: job.id,
        image: index,
        label: job.images.length === 1 ? buttons[command] : `${buttons[command]} ${index + 1}`,
        style: "plain",
      }),
    ),
  );
  return job.images.length === 1 ? buttonRows([[...again, ...groups.flat()]]) : buttonRows([again, ...groups]);
}

function renderFile(job: JobView, { index, file }: FittedImage, text: Text): OutgoingFile {
  const extension = file.format === "jpeg" ? "jpg" : file.format;
  return {
    path: file.path,
    name: `${job.id}-${index + 1}.${extension}`, // nothing of the prompt: a name can mislead too
    mime: `image/${file.format}`,
    alt: text.result.altText(job, 1024),
  };
}
