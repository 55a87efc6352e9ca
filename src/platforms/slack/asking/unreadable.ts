import { Refusal } from "../../../errors.ts";
import type { IncomingImage } from "../../../image.ts";
import type { Text } from "../../../text/text.ts";
import { belongsToSlack } from "../api/client.ts";
import type { SlackContext } from "../context.ts";

const probeMs = 5000;

/**
 * Slack answers a download that the token does not allow with its sign-in page and status 200 (bolt-js#2585). When a file
 * was refused as no image, asks for it once more: the sentence for the member when that page comes, else undefined.
 */
export async function unreadableBecause(
  slack: SlackContext,
  error: unknown,
  answers: Record<string, unknown>,
  text: Text,
): Promise<string | undefined> {
  if (!(error instanceof Refusal) || !error.code.startsWith("image-")) return undefined;
  for (const { filename, source } of filesIn(answers)) {
    if ("path" in source || !source.authorization || !belongsToSlack(source.url, slack.options.apiUrl)) continue;
    if (!(await isPage(source.url, source.authorization))) continue;
    slack.context.log.error({ scope: "files:read" }, "Slack: the app may not read files; install it from its manifest");
    return text.slack.notAllowedToRead(filename);
  }
  return undefined;
}

function filesIn({ images, mask }: Record<string, unknown>): IncomingImage[] {
  return [...(Array.isArray(images) ? images : []), ...(mask ? [mask] : [])] as IncomingImage[];
}

async function isPage(url: string, authorization: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(probeMs);
    const answer = await fetch(url, { headers: { authorization }, redirect: "manual", signal });
    await answer.body?.cancel();
    const signsIn = answer.status >= 300 && answer.status < 400;
    return signsIn || (answer.headers.get("content-type") ?? "").startsWith("text/html");
  } catch {
    return false;
  }
}
