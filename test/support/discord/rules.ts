import type {
  APIMessageTopLevelComponent,
  APIModalInteractionResponseCallbackData,
  RESTPostAPIChannelMessageJSONBody,
} from "discord-api-types/v10";
import {
  attachmentShape,
  choiceShape,
  componentShapes,
  galleryItemShape,
  lineShape,
  messageShape,
  shapeProblems,
} from "./shapes.ts";

export { commandProblems } from "./command-rules.ts";

/** A file of a multipart request. */
export interface UploadedFile {
  /** n of `files[n]`. */
  readonly index: string;
  readonly filename: string;
  readonly mime: string;
  readonly bytes: Buffer;
}

/** A file that a message has already. */
export interface KnownFile {
  readonly id: string;
  readonly filename: string;
}

export type MessageBody = RESTPostAPIChannelMessageJSONBody;

const v2Flag = 1 << 15;
const maxComponents = 40;
const maxText = 4000;
const inRows = new Set([2, 3, 5, 6, 7, 8]);
const onlyV2 = new Set([9, 10, 11, 12, 13, 14, 17]);

/**
 * Yields what Discord, or the project's own rule about mentions, has against a message; `before` are the files that it
 * had before it was edited.
 */
export function* messageProblems(
  body: MessageBody,
  files: readonly UploadedFile[],
  before: readonly KnownFile[] = [],
): Generator<string> {
  yield* shapeProblems("the message", body, messageShape);
  if (JSON.stringify(body.allowed_mentions?.parse) !== "[]") yield "allowed_mentions.parse is not []";
  if (body.message_reference && body.allowed_mentions?.replied_user !== false) yield "a reply that pings";
  if (files.length > 10) yield `${files.length} files in one message`;
  const keptIds = new Set((body.attachments ?? before).map(({ id }) => String(id)));
  const kept = before.filter(({ id }) => keptIds.has(id));
  yield* attachmentProblems(body.attachments ?? [], files, kept);
  const components = (body.components ?? []) as Part[];
  const v2 = (Number(body.flags ?? 0) & v2Flag) !== 0;
  if (v2) yield* v2Problems(body, components, [...kept, ...files]);
  else yield* classicProblems(components);
  yield* idProblems(partsIn(components));
  for (const part of partsIn(components)) yield* partProblems(part);
}

function* attachmentProblems(
  attachments: NonNullable<MessageBody["attachments"]>,
  files: readonly UploadedFile[],
  kept: readonly KnownFile[],
): Generator<string> {
  for (const attachment of attachments) {
    yield* shapeProblems("an attachment", attachment, attachmentShape);
    if (kept.some(({ id }) => id === attachment.id)) continue;
    const file = files.find(({ index }) => index === String(attachment.id));
    if (!file) yield `attachment ${attachment.id} has no file`;
    else if (attachment.filename !== file.filename) yield `attachment ${attachment.id} is not ${file.filename}`;
  }
}

interface Part {
  readonly type: number;
  readonly components?: readonly Part[];
  readonly accessory?: Part;
  readonly component?: Part;
  readonly custom_id?: string;
  readonly style?: number;
  readonly url?: string;
  readonly content?: string;
  readonly items?: readonly { readonly media: { readonly url: string } }[];
  readonly media?: { readonly url: string };
  readonly file?: { readonly url: string };
  readonly options?: readonly { readonly value: string }[];
  readonly required?: boolean;
  readonly min_values?: number;
  readonly label?: string;
}

/** Every component, those inside others too. */
function partsIn(components: readonly Part[]): Part[] {
  return components.flatMap((part) => {
    const inside = [...(part.components ?? []), part.accessory, part.component].filter((each) => each !== undefined);
    return [part, ...partsIn(inside)];
  });
}

/** Every text that people read, in order. */
export function textsIn(components: readonly APIMessageTopLevelComponent[]): string[] {
  return partsIn(components as unknown as Part[]).flatMap(({ type, content }) =>
    type === 10 && content !== undefined ? [content] : [],
  );
}

function* v2Problems(
  body: MessageBody,
  components: readonly Part[],
  files: readonly Pick<UploadedFile, "filename">[],
): Generator<string> {
  if (body.content) yield "content beside the second kind of components";
  const parts = partsIn(components);
  if (parts.length > maxComponents) yield `${parts.length} components`;
  const length = parts.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  if (length > maxText) yield `${length} characters in all texts`;
  const urls = parts.flatMap(({ items = [], media, file }) => [...items.map((item) => item.media), media, file]);
  const names = urls.flatMap((each) => /^attachment:\/\/(.+)$/.exec(each?.url ?? "")?.[1] ?? []);
  for (const name of names) if (!files.some(({ filename }) => filename === name)) yield `${name} was not attached`;
  for (const { filename } of files) if (!names.includes(filename)) yield `${filename} is shown nowhere`;
}

function* classicProblems(components: readonly Part[]): Generator<string> {
  if (components.length > 5) yield `${components.length} rows of components`;
  const later = partsIn(components).find(({ type }) => onlyV2.has(type));
  if (later) yield `component ${later.type} without its flag`;
}

function* idProblems(parts: readonly Part[]): Generator<string> {
  const ids = parts.flatMap(({ custom_id }) => custom_id ?? []);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) yield `custom_id ${id} twice`;
}

function* partProblems(part: Part): Generator<string> {
  yield* shapeProblems(`component ${part.type}`, part, componentShapes[part.type]);
  for (const item of part.items ?? []) yield* shapeProblems("an item of a gallery", item, galleryItemShape);
  if (part.type === 1 && part.components?.some(({ type }) => !inRows.has(type))) yield "a row of something else";
  if (part.type === 2) yield* buttonProblems(part);
  const values = (part.options ?? []).map(({ value }) => value);
  if (new Set(values).size !== values.length) yield "two lines with the same value";
  for (const line of part.options ?? []) yield* shapeProblems("a line", line, lineShape);
}

/** A link has an address in the place of an id. */
function* buttonProblems({ style, url, custom_id }: Part): Generator<string> {
  if (style !== 5 && !custom_id) yield "a button without custom_id";
  if (style !== 5 && url !== undefined) yield "a button with an address that is no link";
  if (style === 5 && custom_id !== undefined) yield "a link with a custom_id";
  if (style === 5 && !/^https?:\/\/.{1,500}$/.test(url ?? "")) yield `a link to ${url}`;
}

export function* modalProblems(modal: APIModalInteractionResponseCallbackData): Generator<string> {
  const labels = modal.components as unknown as Part[];
  const { title, custom_id } = modal;
  if (title.length < 1 || title.length > 45) yield `modal title of ${title.length} characters`;
  if (custom_id.length < 1 || custom_id.length > 100) yield `modal custom_id of ${custom_id.length} characters`;
  if (labels.length < 1 || labels.length > 5) yield `${labels.length} parts in a modal`;
  for (const label of labels) if (label.type !== 18) yield `modal part ${label.type} is not a label`;
  yield* idProblems(partsIn(labels));
  for (const part of partsIn(labels)) yield* [...partProblems(part), ...inputProblems(part)];
}

function* inputProblems(part: Part): Generator<string> {
  if (part.type === 4 && part.label !== undefined) yield "a text input in a label has a label of its own";
  if (part.required === true && part.min_values === 0) yield "required, but none is enough";
}

export function* choiceProblems(choices: readonly { name: string; value: string | number }[]): Generator<string> {
  if (choices.length > 25) yield `${choices.length} choices`;
  for (const choice of choices) yield* shapeProblems("a choice", choice, choiceShape);
}
