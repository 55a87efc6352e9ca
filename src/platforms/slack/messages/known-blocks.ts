import { codeOf, faultOf } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import type { Content } from "./blocks.ts";

/** A message as it is sent. */
export type Shown = Pick<Content, "text" | "blocks">;

/** Slack may learn a block, or a workspace may be allowed it, any day. */
const rememberMs = 24 * 60 * 60_000;

/**
 * Sends a message with all its blocks; where the workspace refuses them, the same without those that not every workspace
 * knows, at once, and from then on for a day. Throws what `call` throws.
 */
export async function inBlocksThatAreKnown<Answer>(
  { context }: Pick<SlackContext, "context">,
  team: string,
  { text, blocks, plain }: Content,
  call: (shown: Shown) => Promise<Answer>,
): Promise<Answer> {
  if (plain === undefined) return call({ text, blocks });
  const refused = `slack:refused-blocks:${team}`;
  if (await context.cache.get(refused)) return call({ text, blocks: plain });
  try {
    return await call({ text, blocks });
  } catch (err) {
    if (!isUnknownBlock(err)) throw err;
    context.log.info({ team, err }, "Slack does not take a table in this workspace; it is written as text");
  }
  const answer = await call({ text, blocks: plain });
  await context.cache.set(refused, true, rememberMs); // that it is taken so shows that the table was refused, and nothing else
  return answer;
}

/** An unfinished image is refused by the same code, and is none. */
function isUnknownBlock(error: unknown): boolean {
  return codeOf(error) === "invalid_blocks" && faultOf(error) !== "delayed";
}
