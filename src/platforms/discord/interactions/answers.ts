import type { APIAttachment, APIModalSubmitInteraction } from "discord.js";
import type { AnyCommand } from "../../../command/command.ts";
import { Refusal } from "../../../errors.ts";
import type { IncomingImage } from "../../../image.ts";
import { isThread } from "../facts.ts";
import { lackingPermissions } from "../may-post.ts";
import type { AskedField } from "../registration/fields.ts";
import { formFields, namedOptions } from "../registration/fields.ts";
import { memberKey, roleKey } from "../reply-target.ts";
import type { ResolvedChannel, Typed } from "./options.ts";

/** Answers by field name, as a command's `run` takes them. */
export type AnswerRecord = Record<string, unknown>;

type Files = Readonly<Record<string, APIAttachment>>;

/** Reads the options typed behind a command; `guild` is where. Throws Refusal `channel-permissions`. */
export function readOptions({ fields }: AnyCommand, typed: Typed, guild: string | undefined): AnswerRecord {
  const read = ({ field, names }: ReturnType<typeof namedOptions>[number]): unknown => {
    const given = names.map((name) => typed.values.get(name)).filter((value) => value !== undefined);
    if (field.kind === "image" || field.kind === "images") return imageAnswer(field, given, typed.attachments);
    if (field.kind === "channel" && field.posts) requireOpen(typed.channels[String(given[0])]);
    return plainAnswer(field, given[0], guild);
  };
  return Object.fromEntries(namedOptions(fields).map((option) => [option.key, read(option)]));
}

/** Reads the answers in the form that `renderModal` made. */
export function readModal({ fields }: AnyCommand, { data, guild_id: guild }: APIModalSubmitInteraction): AnswerRecord {
  const parts = new Map(data.components.flatMap((label) => ("component" in label ? [partOf(label.component)] : [])));
  const read = ([key, field]: [string, AskedField]): unknown => {
    const given = parts.get(key) ?? [];
    if (field.kind === "image" || field.kind === "images") {
      return imageAnswer(field, given, data.resolved?.attachments ?? {});
    }
    return plainAnswer(field, given[0], guild);
  };
  const answers = Object.fromEntries(formFields(fields).map((field) => [field[0], read(field)]));
  return "images" in answers && !("mask" in answers) && "mask" in fields ? maskApart(answers) : answers;
}

type OptionValue = string | number | boolean;

/** A part of a form and what was put into it; a line left empty says nothing. */
function partOf(part: object): [string, readonly OptionValue[]] {
  const { custom_id, value, values } = part as {
    custom_id: string;
    value?: OptionValue | null;
    values?: readonly string[];
  };
  const given = values ?? (value === undefined || value === null || value === "" ? [] : [value]);
  return [custom_id, given];
}

function plainAnswer(
  field: Exclude<AskedField, { kind: "image" | "images" }>,
  given: OptionValue | undefined,
  guild?: string,
) {
  if (given === undefined) return field.kind === "text" && field.required ? "" : undefined;
  switch (field.kind) {
    case "text":
    case "service":
    case "style":
    case "reference":
    case "choice":
    case "channel":
      return String(given);
    case "integer":
      return Number(given);
    case "yes-no":
      return given;
    case "member":
      return memberKey(String(given));
    case "role":
      return roleKey(guild ?? "", String(given));
  }
}

function imageAnswer({ kind }: AskedField, ids: readonly OptionValue[], files: Files) {
  const images = ids.map((id) => incoming(files[String(id)]));
  return kind === "images" && images.length > 0 ? images : images[0];
}

/** The bot can write there, as far as Discord tells. A channel of posts takes words as soon as it takes posts. */
function requireOpen(channel: ResolvedChannel | undefined): void {
  if (channel?.app_permissions === undefined) return;
  const { id, type, app_permissions } = channel;
  const lacking = lackingPermissions(app_permissions, { inThread: isThread(type), files: false });
  if (lacking.length > 0) throw new Refusal("channel-permissions", { channel: id, lacking });
}

/** Throws Refusal `image-unreachable` for a file of which Discord tells nothing. */
function incoming(file: APIAttachment | undefined): IncomingImage {
  if (!file?.url) throw new Refusal("image-unreachable", { filename: file?.filename ?? "?" });
  return { filename: file.filename, source: { url: file.url } };
}

const maskName = /(^|[^a-z])mask([^a-z]|$)|蒙版|遮罩/i;

/** A form has room for one upload: the file that is named as a mask is the mask. */
function maskApart(answers: AnswerRecord): AnswerRecord {
  const files = (answers.images ?? []) as readonly IncomingImage[];
  const mask = files.find(({ filename }) => maskName.test(filename));
  if (!mask) return answers;
  const images = files.filter((file) => file !== mask);
  return { ...answers, mask, images: images.length > 0 ? images : undefined };
}
