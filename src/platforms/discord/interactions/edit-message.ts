import type { APIMessage, APIMessageApplicationCommandInteraction } from "discord.js";
import { type AnyCommand, painterIn, saverIn, starterIn } from "../../../command/command.ts";
import { cardReply, type Reply } from "../../../command/reply.ts";
import { type Caller, type JobImage, type JobView, meantBy, type UseCases } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import type { IncomingImage } from "../../../image.ts";
import type { Text } from "../../../text/text.ts";
import type { Cache } from "../../../world.ts";
import { picturesOf } from "../images-of.ts";
import { type OwnMessage, ownMessage } from "../own-message.ts";
import { original } from "../registration/words.ts";
import { behindSpoiler } from "../reply-target.ts";
import type { AnswerRecord } from "./answers.ts";

/** An entry in the menu of a message: *Edit image*, *Save image as…* or *Paint over image*, which needs no form. */
export type Menu = "edit" | "save" | "paint";

/** The message on which one of these was chosen, until its form comes back. */
interface Chosen {
  readonly ours?: OwnMessage | undefined;
  readonly images: readonly IncomingImage[];
  /** One of the images is hidden until somebody looks. */
  readonly spoiler?: boolean;
}

/** A form may stay open for as long as its member thinks; Discord's addresses of images live for a day. */
const rememberMs = 12 * 3_600_000;
const formShape = /^(edit|save)-message:(.+)$/;

/** The menu and the note of the form for a message; undefined for other forms. */
export function readFormId(id: string): { readonly menu: Menu; readonly note: string } | undefined {
  const [, menu, note] = formShape.exec(id) ?? [];
  return menu && note ? { menu: menu as Menu, note } : undefined;
}

export function formId(menu: Menu, { id }: { readonly id: string }): string {
  return `${menu}-message:${id}`;
}

/** Reads the name under which Discord was told of it; forms of an older name edit. */
export function menuNamed(name: string): Menu {
  if (name === original.discord.paintMessage) return "paint";
  return name === original.discord.saveMessage ? "save" : "edit";
}

export function menuCommand(commands: readonly AnyCommand[], menu: Menu): AnyCommand | undefined {
  if (menu === "paint") return painterIn(commands);
  return menu === "save" ? saverIn(commands) : starterIn(commands, "from-images");
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
  readonly command: AnyCommand;
  readonly answers: AnswerRecord;
  readonly plainWords: readonly string[];
}

/** The form is back: it is about the bot's own job where the message shows one, else about the images that it shows. */
export async function askForm(
  { note, command, answers, plainWords }: Form,
  { caller, text, usecases, cache }: { caller: Caller; text: Text; usecases: UseCases; cache: Cache },
): Promise<Reply> {
  const chosen = await cache.get<Chosen>(noteFor(note));
  if (!chosen) return cardReply(text.discord.runAgain());
  const source = await sourceOf(chosen, { caller, usecases });
  const asking = chosen.spoiler ? behindSpoiler(caller) : caller;
  return command.run({ answers: withSource(answers, source), plainWords, caller: asking, usecases, text });
}

export type Source = { readonly job: JobImage } | { readonly images: readonly IncomingImage[] };

export async function sourceOf(
  { ours, images }: Chosen,
  { caller, usecases }: { caller: Caller; usecases: UseCases },
): Promise<Source> {
  const job = ours && (await jobOf(ours, caller, usecases));
  return job && (job.images.length > 0 || job.batch) ? { job: meantBy(job) } : { images };
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
  if ("job" in source) return { ...answers, job: source.job };
  const added = (answers.images ?? []) as readonly IncomingImage[];
  return { ...answers, images: [...source.images, ...added] };
}

function noteFor(interaction: string): string {
  return `discord:edit-message:${interaction}`;
}
