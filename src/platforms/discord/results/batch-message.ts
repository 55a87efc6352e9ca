import type { APIMessageTopLevelComponent } from "discord.js";
import { type BatchView, imagesOfBatch, type JobView } from "../../../contract/usecases.ts";
import type { CardButton } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import type { PlatformContext } from "../../platform.ts";
import { buttonRows, gallery, textDisplay } from "../cards.ts";
import { codeBlock, escaped } from "../markup.ts";
import type { Outgoing } from "../rest/message.ts";
import type { UploadLimits } from "./limits.ts";
import { bytesOf, type FittedImage, fitTogether } from "./pack.ts";
import { changedLines, describeButton, type Hiding, renderFile } from "./result.ts";

/** Discord shows so many images in a message. */
export const mostImages = 10;
/** As many images have up to five rows of buttons in a message; more of them have two actions each. */
const withMoreActions = 5;
const promptLimit = 800;
const listLimit = 2200;

/** An image of a batch as a file; `index` is its number in the batch, from 0. */
export interface BatchImage extends FittedImage {
  readonly job: JobView;
  /** Which image of its job. */
  readonly of: number;
}

/** A message of a batch: some of its images, and in the first one all that it has come to. */
export interface BatchMessage {
  readonly view: BatchView;
  readonly images: readonly BatchImage[];
  readonly isFirst: boolean;
  readonly hiding: Hiding;
  readonly user: string;
  readonly linkTo: (job: string, index: number) => string | undefined;
}

/** The images of some parts as files that fit into one message together. */
export async function fitParts(
  view: BatchView,
  parts: readonly string[],
  limits: UploadLimits,
  context: Pick<PlatformContext, "fit">,
): Promise<BatchImage[]> {
  const chosen = imagesOfBatch(view).filter(({ job }) => parts.includes(job.id));
  const numbered = chosen.map(({ number, job, index }) => ({ index: number - 1, image: job.images[index] }));
  const there = numbered.flatMap(({ index, image }) => (image ? [{ index, image }] : []));
  const fitted = there.length === 0 ? [] : await fitTogether(there, limits, context);
  return fitted.flatMap((file) => {
    const found = chosen.find(({ number }) => number - 1 === file.index);
    return found ? [{ ...file, job: found.job, of: found.index }] : [];
  });
}

export { bytesOf };

/** Renders a message of a batch: who asked for what, the images, how each part stands, and what to do with them next. */
export function renderBatch(message: BatchMessage, text: Text): Outgoing {
  const { view, images, isFirst, hiding, user } = message;
  const files = images.map((image) => renderFile(image.job, { ...image, index: image.of }, hiding, text));
  const lines = [...listLines(message, text), ...changes(message, text)];
  const components: APIMessageTopLevelComponent[] = [
    ...(isFirst ? [textDisplay(`<@${user}>\n${codeBlock(view.written, promptLimit)}`)] : []),
    ...(files.length > 0 ? [gallery(files)] : []),
    textDisplay(clip(lines.join("\n"), listLimit)),
    ...buttonRows([...imageButtons(images, text), wholeButtons(message, text)]),
  ];
  return { components, ...(files.length > 0 ? { files } : { files: [] }) };
}

/** All parts in the first message; in the others, those that it shows. */
function listLines({ view, images, isFirst }: BatchMessage, text: Text): string[] {
  const shown = view.parts.filter(({ id }) => isFirst || images.some(({ job }) => job.id === id));
  const limit = shown.length > 12 ? 40 : 100;
  const lines = shown.map((job) => text.batches.line(job, job.batch ?? { ...view, index: 0 }, limit));
  return [
    ...lines.map(({ label, value }) => `${escaped(label)} · **${escaped(value)}**`),
    ...(isFirst ? [`-# ${escaped(text.batches.facts(view))}`] : []),
  ];
}

function changes({ images, linkTo }: BatchMessage, text: Text): string[] {
  const link = (number: number) => {
    const image = images.find(({ index }) => index === number);
    return image && linkTo(image.job.id, image.of);
  };
  return changedLines({ images, linkTo: link }, text);
}

type ImageAction = "final" | "vary" | "edit" | "upscale" | "paint" | "reference-save";

function imageButtons(images: readonly BatchImage[], text: Text): CardButton[][] {
  const isDraft = images.some(({ job }) => job.offersFinal);
  const better: ImageAction = isDraft ? "final" : "upscale";
  const paint = images.every(({ job }) => job.offersPaint) ? (["paint"] as const) : [];
  const actions: readonly ImageAction[] =
    images.length <= withMoreActions
      ? ["edit", "vary", better, ...paint, "reference-save"]
      : ["edit", isDraft ? "final" : "vary"];
  const nameOf = (command: ImageAction) =>
    command === "reference-save" ? text.buttons.saveImage : text.buttons[command];
  return actions.map((command) =>
    images.map(({ job, of, index }) => ({
      command,
      job: job.id,
      image: of,
      label: text.batches.numbered(nameOf(command), index + 1),
      style: "plain",
    })),
  );
}

function wholeButtons({ view: { id, parts }, isFirst, images: [image] }: BatchMessage, text: Text): CardButton[] {
  const { batches, buttons } = text;
  const waiting = parts.some(({ state }) => state === "awaiting" || state === "queued");
  const describe = image ? [describeButton(image.job, text)] : [];
  if (!isFirst) return describe;
  return [
    ...(waiting ? [{ command: "batch-cancel", job: id, label: batches.cancelRest, style: "danger" } as const] : []),
    { command: "batch-again", job: id, label: batches.againAll, style: "plain" },
    ...describe,
    ...(waiting ? [] : [{ command: "batch-remove", job: id, label: buttons.delete, style: "danger" } as const]),
  ];
}
