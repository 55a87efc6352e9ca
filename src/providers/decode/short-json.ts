import type { Json } from "./json.ts";
import { JsonTokens } from "./json-tokens.ts";
import { untilSilent } from "./until-silent.ts";

export interface ShortJsonOptions {
  /** In bytes. */
  readonly most: number;
  /** Ends the connection. */
  readonly drop?: (() => void) | undefined;
}

/**
 * Reads a JSON document that must be short; undefined when it is none, is longer, or breaks off. A complete one ends,
 * even when its connection stays open.
 */
export async function readShortJson(
  body: AsyncIterable<Uint8Array>,
  { most, drop }: ShortJsonOptions,
): Promise<Json | undefined> {
  const tokens = new JsonTokens();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of untilSilent(body, { mayBeAll: () => tokens.isComplete, drop })) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > most) return undefined;
      tokens.skip(Buffer.from(chunk));
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}
