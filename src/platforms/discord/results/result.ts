import type { APIMessage, APIMessageTopLevelComponent } from "discord.js";
import type { JobView } from "../../../contract/usecases.ts";
import { tierOf } from "../../../request.ts";
import type { CardButton } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import { buttonRows, gallery, textDisplay } from "../cards.ts";
import { codeBlock, escaped } from "../markup.ts";
import type { Outgoing, OutgoingFile } from "../rest/message.ts";
import type { FittedImage } from "./pack.ts";

const shownPrompt = 1000;
/** Images with every button in one message: a row of 5 for each action. */
export const imagesWithButtons = 5;

export interface Part {
  readonly images: readonly FittedImage[];
  /** The first part says whose images they are, the last one what they cost. */
  readonly first: boolean;
  readonly last: boolean;
  readonly hiding: Hiding;
  /** Where the image itself can be fetched, when it was too large. */
  readonly linkTo: (index: number) => string | undefined;
}

/** Which images are hidden until somebody looks. */
export interface Hiding {
  /** All of them, whatever their owner says. */
  readonly all: boolean;
  /** Those of which their owner said nothing. */
  readonly others: boolean;
}

/** One message of a result: who asked for what, the images, their facts, and what to do with them next. */
export function renderResult(job: JobView, user: string, part: Part, text: Text): Outgoing {
  const { images, first, last, hiding } = part;
  const files = images.map((image) => renderFile(job, image, hiding, text));
  const facts = [...(last ? factLines(job, text) : []), ...changedLines(part, text)];
  const components: APIMessageTopLevelComponent[] = [
    ...(first ? [textDisplay(`<@${user}>\n${codeBlock(job.request.prompt, shownPrompt)}`)] : []),
    gallery(files),
    ...(facts.length > 0 ? [textDisplay(clip(facts.join("\n"), 2000))] : []),
    ...resultButtons(job, images, last, text),
  ];
  return { components, files };
}

/** Which images of a job a message shows, by the names of their files; from 0. */
export function imagesShownIn({ attachments, components }: APIMessage, job: string): number[] {
  const names = JSON.stringify([attachments, components]).matchAll(new RegExp(`\\b${job}-(\\d{1,2})\\.`, "g"));
  return [...new Set([...names].map(([, number]) => Number(number) - 1))];
}

function factLines(job: JobView, text: Text): string[] {
  const { facts, fewer } = text.result;
  const few = job.images.length < job.request.count ? [fewer(job.images.length, job.request.count)] : [];
  return [...few, `-# ${escaped(facts(job))}`];
}

/** Says which images are not the service's own bytes: those made smaller, and animations that stand still. */
export function changedLines({ images, linkTo }: Pick<Part, "images" | "linkTo">, { discord }: Text): string[] {
  const changed = images.filter(({ file }) => file.changed);
  const lineAbout = (some: readonly FittedImage[], say: (count: number, links: string) => string) => {
    const links = some.flatMap(({ index }) => {
      const link = linkTo(index);
      return link ? [`[${index + 1}](${link})`] : [];
    });
    return some.length === 0 ? [] : [`-# ${say(some.length, links.join(" "))}`];
  };
  return [
    ...lineAbout(
      changed.filter(({ file }) => !file.firstFrame),
      discord.smaller,
    ),
    ...lineAbout(
      changed.filter(({ file }) => file.firstFrame),
      discord.stoodStill,
    ),
  ];
}

function resultButtons(job: JobView, images: readonly FittedImage[], last: boolean, text: Text) {
  const { buttons } = text;
  const again: CardButton = { command: "again", job: job.id, label: buttons.again, style: "plain" };
  const describe = describeButton(job, text);
  const remove: CardButton = { command: "remove", job: job.id, label: buttons.delete, style: "danger" };
  // Discord counts components: ten images have no room for three rows of buttons each.
  const few = images.length <= imagesWithButtons;
  const finals = job.offersFinal ? (["final"] as const) : [];
  const crowded = job.offersPaint && images.length === imagesWithButtons;
  // A draft of many is finished rather than enlarged.
  const enlarge = (few && !crowded) || !job.offersFinal ? (["upscale"] as const) : [];
  const actions = [...finals, ...(few ? (["vary"] as const) : []), "edit" as const, ...enlarge];
  // Of many images, the menu of buttons is long enough: there, the first one stands for the job.
  const alone = job.images.length === 1;
  const painting = few && job.offersPaint ? (["paint"] as const) : [];
  const saving = [...(few ? (["style-save"] as const) : []), ...(alone ? (["reference-save"] as const) : [])];
  const groups = [...actions, ...painting, ...saving].map((command) => imageButtons(command, job, images, text));
  if (!alone) {
    const save: CardButton = { command: "reference-save", job: job.id, label: buttons.saveImage, style: "plain" };
    return buttonRows([...groups, last ? [again, save, describe, remove] : [describe]]);
  }
  const [first, others] = job.offersFinal ? [groups[0] ?? [], groups.slice(1)] : [[], groups];
  return buttonRows([first, [again, ...others.flat(), describe, remove]]);
}

/** One for all images of its message. */
export function describeButton({ id }: JobView, { buttons }: Text): CardButton {
  return { command: "describe", job: id, label: buttons.describe, style: "plain" };
}

type ImageAction = "final" | "vary" | "edit" | "upscale" | "paint" | "style-save" | "reference-save";

const savingNames = { "style-save": "saveStyle", "reference-save": "saveImage" } as const;

function imageButtons(
  command: ImageAction,
  job: JobView,
  images: readonly FittedImage[],
  { buttons }: Text,
): CardButton[] {
  const name =
    command === "style-save" || command === "reference-save" ? buttons[savingNames[command]] : buttons[command];
  const possible = images.filter(({ image }) => command !== "upscale" || tierOf(image) !== "4K");
  return possible.map(({ index }) => ({
    command,
    job: job.id,
    image: index,
    label: job.images.length === 1 ? name : `${name} ${index + 1}`,
    style: command === "final" ? "primary" : "plain",
  }));
}

export function renderFile(
  job: JobView,
  { index, file, image }: FittedImage,
  hiding: Hiding,
  text: Text,
): OutgoingFile {
  const extension = file.format === "jpeg" ? "jpg" : file.format;
  return {
    path: file.path,
    name: `${job.id}-${index + 1}.${extension}`, // nothing of the prompt: a name can mislead too
    mime: `image/${file.format}`,
    alt: text.result.altText(job, 1024, image),
    spoiler: hiding.all || (image.spoiler ?? hiding.others),
  };
}
