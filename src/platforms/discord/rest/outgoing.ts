import type { RequestData } from "discord.js";
import { MessageFlags } from "discord.js";
import type { Outgoing } from "./message.ts";
import { streamedForm } from "./upload.ts";

export interface Wrapping {
  readonly ephemeral?: boolean;
  /** An edit replaces what was attached before. */
  readonly edit?: boolean;
  /** The message is the first one of this post. */
  readonly post?: PostHead;
  /** More fields of the request. */
  readonly extra?: object;
}

/** The name of a post, at most 100 characters, and the tags that it bears. */
export interface PostHead {
  readonly name: string;
  readonly applied_tags?: readonly string[] | undefined;
}

/** The only place where messages become requests, so that each leaves with mentions disabled. */
export async function encode(message: Outgoing, { ephemeral, edit, post, extra }: Wrapping = {}): Promise<RequestData> {
  const { files = [], kept = [], components } = message;
  const attachments = [
    ...kept.map(({ id, alt, spoiler = false }) => ({ id, ...(alt ? { description: alt } : {}), is_spoiler: spoiler })),
    ...files.map(({ name, alt, spoiler }, index) => ({
      ...{ id: String(index), filename: name },
      ...(alt ? { description: alt } : {}),
      ...(spoiler ? { is_spoiler: true } : {}),
    })),
  ];
  const inner = {
    components,
    flags: MessageFlags.IsComponentsV2 | (ephemeral ? MessageFlags.Ephemeral : 0),
    allowed_mentions: { parse: [], replied_user: false },
    ...(edit || files.length > 0 ? { attachments } : {}),
    ...extra,
  };
  const body = post ? { ...post, message: inner } : inner;
  return files.length > 0 ? { body: await streamedForm(body, files), passThroughBody: true } : { body };
}
