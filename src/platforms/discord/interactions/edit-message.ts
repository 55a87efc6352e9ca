import type { APIMessage, APIMessageApplicationCommandInteraction } from "discord.js";
import type { AnyCommand } from "../../../command/command.ts";
import { cardReply, type Reply } from "../../../command/reply.ts";
import type { Caller, JobView, UseCases } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import type { IncomingImage } from "../../../image.ts";
import type { Text } from "../../../text/text.ts";
import type { Cache } from "../../../world.ts";
import { picturesOf } from "../images-of.ts";
import { type OwnMessage, ownMessage } from "../own-message.ts";
import { behindSpoiler } from "../reply-target.ts";
import type { AnswerRecord } from "./answers.ts";

/** The message on which `Edit image` was chosen, until its form comes back. */
interface Chosen {
  readonly ours?: OwnMessage | undefined;
  readonly images: readonly IncomingImage[];
  /** One of the images is hidden until somebody looks. */
  readonly spoiler?: boolean;
}

/** A form may stay open for as long as its member thinks; Discord's addresses of images live for a day. */
const rememberMs = 12 * 3_600_000;
const prefix = "edit-message:";

/** The custom id of the form for a message; undefined for other forms. */
export function readFormId(id: string): string | undefined {
  return id.startsWith(prefix) ? id.slice(prefix.length) : undefined;
}

export function formId({ id }: { readonly id: string }): string {
  return `${prefix}${id}`;
}

/** The images of a message that somebody chose, and the names of what stands beside them and is none. */
interface Offered {
  readonly images: readonly IncomingImage[];
  readonly leftOut: readonly string[];
}

/** Writes down what the form is for, if there is an image. */
export function remember(interaction: APIMessageApplicationCommandInteraction, cache: Cache): Offered {
  const { data, application_id } = interaction;
  const message: APIMessage | undefined = data.resolved?.messages?.[data.target_id];
  const pictures = picturesOf(message ?? {});
  const { spoiler, unlikely } = pictures;
  const images = pictures.images.filter((image) => !unlikely.includes(image));
  const ours = message && (message.author?.id === application_id || message.application_id === application_id);
  const chosen: Chosen = { images, spoiler, ...(ours ? { ours: ownMessage(message) } : {}) };
  if (images.length > 0) void cache.set(noteFor(interaction.id), chosen, rememberMs);
  return { images, leftOut: [...unlikely.map(({ filename }) => filename), ...pictures.unusable] };
}

interface Form {
  readonly note: string;
  readonly edit: AnyCommand;
  readonly answers: AnswerRecord;
}

/** The form is back: an edit of the bot's own job where the message shows one, else of the images that it shows. */
export async function askForm(
  { note, edit, answers }: Form,
  { caller, text, usecases, cache }: { caller: Caller; text: Text; usecases: UseCases; cache: Cache },
): Promise<Reply> {
  const chosen = await cache.get<Chosen>(noteFor(note));
  if (!chosen) return cardReply(text.discord.runAgain());
  const source = await sourceOf(chosen, { caller, usecases });
  const asking = chosen.spoiler ? behindSpoiler(caller) : caller;
  return edit.run({ answers: withSource(answers, source), caller: asking, usecases, text });
}

export type Source = { readonly job: string } | { readonly images: readonly IncomingImage[] };

export async function sourceOf(
  { ours, images }: Chosen,
  { caller, usecases }: { caller: Caller; usecases: UseCases },
): Promise<Source> {
  const job = ours && (await jobOf(ours, caller, usecases));
  return job && job.images.length > 0 ? { job: job.id } : { images };
}

/** By the store or, in the moment before it knows where its images were posted, by the message itself. */
async function jobOf({ key, job }: OwnMessage, caller: Caller, usecases: UseCases): Promise<JobView | undefined> {
  const known = await usecases.jobOfMessage(key, caller);
  if (known || job === undefined) return known;
  try {
    return await usecases.job(job, caller);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Images that are edited come before those that the member added. */
export function withSource(answers: AnswerRecord, source: Source): AnswerRecord {
  if ("job" in source) return { ...answers, job: { job: source.job } };
  const added = (answers.images ?? []) as readonly IncomingImage[];
  return { ...answers, images: [...source.images, ...added] };
}

function noteFor(interaction: string): string {
  return `discord:edit-message:${interaction}`;
}
