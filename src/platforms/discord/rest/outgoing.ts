import type { APIMessageTopLevelComponent, RequestData } from "discord.js";
import { MessageFlags } from "discord.js";
import { streamedForm } from "../upload.ts";

/** A message as this bot writes it, in Discord's second kind of components; whatever it says, nobody is pinged by it. */
export interface Outgoing {
  /** At most 40, counted with those inside; 4,000 characters in all. */
  readonly components: readonly APIMessageTopLevelComponent[];
  /** At most 10. Shown where a component refers to `attachment://name`. */
  readonly files?: readonly OutgoingFile[];
}

export interface OutgoingFile {
  readonly path: string;
  readonly name: string;
  readonly mime: string;
  /** At most 1,024 characters. */
  readonly alt?: string;
}

export interface Wrapping {
  readonly ephemeral?: boolean;
  /** An edit replaces what was attached before. */
  readonly edit?: boolean;
  /** More fields of the request. */
  readonly extra?: object;
}

/** The only place where messages become requests, so that none leaves without its muzzle. */
export async function encode(message: Outgoing, { ephemeral, edit, extra }: Wrapping = {}): Promise<RequestData> {
  const { files = [], components } = message;
  const attachments = files.map(({ name, alt }, index) => ({
    id: String(index),
    filename: name,
    ...(alt ? { description: alt } : {}),
  }));
  const body = {
    components,
    flags: MessageFlags.IsComponentsV2 | (ephemeral ? MessageFlags.Ephemeral : 0),
    allowed_mentions: { parse: [], replied_user: false },
    ...(edit || files.length > 0 ? { attachments } : {}),
    ...extra,
  };
  return files.length > 0 ? { body: await streamedForm(body, files), passThroughBody: true } : { body };
}
