import type { Attachment, ChatInputCommandInteraction, ModalData, ModalSubmitInteraction } from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { IncomingImage } from "../../image.ts";
import type { AskedField } from "./asked.ts";
import { formFields, namedOptions } from "./asked.ts";
import { memberKey } from "./place.ts";

/** Answers by field name, as a command's `run` takes them. */
export type AnswerRecord = Record<string, unknown>;

type Options = ChatInputCommandInteraction["options"];

/** What was typed behind a command. */
export function readOptions({ fields }: AnyCommand, options: Options): AnswerRecord {
  return Object.fromEntries(
    namedOptions(fields).map(({ key, field, names }) => [key, readOption(field, names, options)]),
  );
}

/** What was written into the form that `renderModal` made. */
export function readModal({ fields }: AnyCommand, submitted: ModalSubmitInteraction): AnswerRecord {
  return Object.fromEntries(
    formFields(fields).map(([key, field]) => [key, readPart(field, submitted.fields.fields.get(key))]),
  );
}

function readOption(field: AskedField, names: readonly string[], options: Options): unknown {
  const [name = ""] = names;
  switch (field.kind) {
    case "text":
      return textAnswer(field, options.getString(name));
    case "service":
    case "choice":
      return options.getString(name) ?? undefined;
    case "integer":
      return options.getInteger(name) ?? undefined;
    case "yes-no":
      return options.getBoolean(name) ?? undefined;
    case "member":
      return memberAnswer(options.getUser(name)?.id);
    case "image":
    case "images":
      return imageAnswer(
        field,
        names.map((each) => options.getAttachment(each)).filter((file) => file !== null),
      );
  }
}

function readPart(field: AskedField, part: ModalData | undefined): unknown {
  const written = part && "value" in part ? part.value : undefined;
  const chosen = part && "values" in part ? part.values[0] : undefined;
  const answer = chosen ?? (written || undefined);
  switch (field.kind) {
    case "text":
      return textAnswer(field, typeof answer === "string" ? answer : null);
    case "service":
    case "choice":
      return answer;
    case "integer":
      return answer === undefined ? undefined : Number(answer);
    case "yes-no":
      return written;
    case "member":
      return memberAnswer(chosen);
    case "image":
    case "images":
      return imageAnswer(field, part && "attachments" in part ? [...(part.attachments?.values() ?? [])] : []);
  }
}

/** A required text is always a string; that it is empty is for the use case to say. */
function textAnswer({ required }: AskedField, text: string | null): string | undefined {
  return text ?? (required ? "" : undefined);
}

function memberAnswer(user: string | undefined): string | undefined {
  return user && memberKey(user);
}

function imageAnswer(
  { kind }: AskedField,
  files: readonly Attachment[],
): IncomingImage | readonly IncomingImage[] | undefined {
  const images = files.map(({ name, url }): IncomingImage => ({ filename: name, source: { url } }));
  return kind === "images" && images.length > 0 ? images : images[0];
}
