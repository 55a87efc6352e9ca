import { createHash } from "node:crypto";
import { isFinal, type JobView } from "../../contract/usecases.ts";
import { isPixels, type Request } from "../../request.ts";
import type { Card, CardButton } from "../../text/card.ts";
import type { Text } from "../../text/text.ts";

/** One finished image as the page shows it. */
interface ImageJson {
  readonly index: number;
  readonly url: string;
  /** The same image, at most 2 MB. */
  readonly preview: string;
  readonly filename: string;
  readonly width: number;
  readonly height: number;
  readonly alt: string;
  readonly buttons: readonly CardButton[];
  /** Set in a batch: the job that it belongs to, its number, and the words that tell it from the others. */
  readonly job?: string;
  readonly number?: number;
  readonly caption?: string;
}

/** A job as the page shows it: nothing that it may not know, every word already in its language. */
export interface JobJson {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly state: JobView["state"];
  readonly final: boolean;
  readonly prompt: string;
  readonly references: number;
  readonly masked: boolean;
  readonly card: Card;
  /** While it is drawn: since when, by this server's clock. */
  readonly elapsedMs?: number | undefined;
  /** The part that is done, in percent, when the service tells. */
  readonly percent?: number | undefined;
  /** The address of the image so far, when the service shows it; another address for each. */
  readonly unfinished?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The number of images to expect, and their width over height. */
  readonly count: number;
  readonly aspect: number;
  readonly images: readonly ImageJson[];
  /** Under the images. */
  readonly facts: string;
  readonly notes: readonly string[];
  readonly buttons: readonly CardButton[];
}

/** `now` in milliseconds since 1970. */
export function jobJson(view: JobView, text: Text, now: number): JobJson {
  const { request, images } = view;
  const shown = images.length > 0 && isFinal(view.state);
  return {
    id: view.id,
    parent: view.parent,
    state: view.state,
    final: isFinal(view.state),
    prompt: request.prompt,
    references: request.references.length,
    masked: request.mask !== undefined,
    card: text.job(view, now),
    elapsedMs: view.startedAt === undefined || isFinal(view.state) ? undefined : Math.max(0, now - view.startedAt),
    percent: percentOf(view),
    unfinished: unfinishedOf(view),
    createdAt: view.createdAt,
    count: request.count,
    aspect: aspectOf(request),
    images: shown ? images.map((_, index) => imageJson(view, index, text)) : [],
    facts: shown ? text.result.facts(view) : "",
    notes: notesOf(view, text),
    buttons: isFinal(view.state) ? jobButtons(view, shown, text) : [],
  };
}

/** Makes the buttons of the job as a whole; one that failed has its own button to try again. */
function jobButtons({ id, images }: JobView, shown: boolean, text: Text): CardButton[] {
  const button = (command: string, label: string, style: CardButton["style"]) => ({ command, job: id, label, style });
  return [
    ...(shown && images.length > 1 ? [button("edit", text.buttons.edit, "plain")] : []),
    ...(shown ? [button("again", text.buttons.again, "plain")] : []),
    button("remove", text.buttons.delete, "danger"),
  ];
}

function percentOf({ progress }: JobView): number | undefined {
  return progress?.percent === undefined ? undefined : Math.round(Math.min(100, Math.max(0, progress.percent)));
}

/** The files of this machine stay unnamed. */
function unfinishedOf({ id, progress }: JobView): string | undefined {
  if (progress?.preview === undefined) return undefined;
  const version = createHash("sha256").update(progress.preview).digest("hex").slice(0, 12);
  return `/images/${id}/unfinished?v=${version}`;
}

export function imageJson(view: JobView, index: number, text: Text): ImageJson {
  const { width = 1, height = 1, format = "png" } = view.images[index] ?? {};
  const url = `/images/${view.id}/${index}`;
  return {
    index,
    url,
    preview: `${url}?preview`,
    filename: imageName(view.id, index, format),
    width,
    height,
    alt: text.result.altText(view, 1000, view.images[index]),
    buttons: imageButtons(view, index, text),
  };
}

function imageButtons(view: JobView, index: number, text: Text): CardButton[] {
  const final = view.offersFinal ? (["final"] as const) : [];
  const names = [...final, "edit", "vary", ...(view.tier === "4K" ? [] : ["upscale" as const])] as const;
  const at = { job: view.id, image: index, style: "plain" } as const;
  return [
    ...names.map((name) => ({ ...at, command: name, label: text.buttons[name] })),
    { ...at, command: "style-save", label: text.buttons.saveStyle },
    { ...at, command: "reference-save", label: text.buttons.saveImage },
  ];
}

/** The name that a saved image gets; from ids only, never from a prompt. */
export function imageName(job: string, index: number, format: string): string {
  return `atelier-${job}-${index + 1}.${format === "jpeg" ? "jpg" : format}`;
}

function notesOf({ images, request, changes, state }: JobView, text: Text): string[] {
  const fewer = state === "delivered" && images.length < request.count;
  return [...(fewer ? [text.result.fewer(images.length, request.count)] : []), ...changes.map(text.change)];
}

export function aspectOf({ size, references }: Request): number {
  if (isPixels(size)) return size.width / size.height;
  if (size !== "auto") return size.ratio[0] / size.ratio[1];
  const [first] = references;
  return first ? first.width / first.height : 1;
}
