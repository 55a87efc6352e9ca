import type { SlackFile } from "./incoming.ts";

/** The parts of a message in which images stand, as Slack sends them. */
export interface MessageParts {
  readonly files?: readonly SlackFile[] | null;
  readonly blocks?: readonly object[] | null;
  readonly attachments?: readonly object[] | null;
}

/** A forwarded or shared message, or a preview. */
interface Attachment extends MessageParts {
  readonly title?: string;
  readonly image_url?: string;
  readonly message_blocks?: readonly { readonly message?: MessageParts | null }[] | null;
}

interface ImageBlock {
  readonly type?: string;
  readonly alt_text?: string;
  readonly image_url?: string;
  readonly slack_file?: { readonly id?: string; readonly url?: string };
}

/** Messages are forwarded, and forwarded again. */
const deepest = 5;

/**
 * Every file and image of a message, each once: beside it, in its blocks, and in the messages that it forwards or shares.
 * Files that are no images are among them.
 */
export function filesIn(message: MessageParts): readonly SlackFile[] {
  const seen = new Set<string>();
  return allIn(message, deepest).filter(({ id, url_private }) => {
    const keys = [id, url_private].filter((key) => key !== undefined);
    const isNew = keys.length === 0 || !keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isNew;
  });
}

function allIn({ files, blocks, attachments }: MessageParts, depth: number): readonly SlackFile[] {
  if (depth === 0) return [];
  return [
    ...(files ?? []),
    ...(blocks ?? []).flatMap(imageIn),
    ...((attachments ?? []) as readonly Attachment[]).flatMap((attachment) => attached(attachment, depth - 1)),
  ];
}

function attached(attachment: Attachment, depth: number): readonly SlackFile[] {
  const { image_url, title, message_blocks } = attachment;
  const forwarded = (message_blocks ?? []).flatMap(({ message }) => (message ? allIn(message, depth) : []));
  const shown = image_url ? [{ name: title ?? nameIn(image_url), url_private: image_url }] : [];
  return [...allIn(attachment, depth), ...forwarded, ...shown];
}

function imageIn(block: ImageBlock): readonly SlackFile[] {
  if (block.type !== "image") return [];
  const { slack_file, image_url, alt_text } = block;
  if (slack_file?.id) return [{ id: slack_file.id }];
  const url = slack_file?.url ?? image_url;
  return url ? [{ name: alt_text || nameIn(url), url_private: url }] : [];
}

function nameIn(url: string): string {
  return URL.parse(url)?.pathname.split("/").at(-1) || url;
}
