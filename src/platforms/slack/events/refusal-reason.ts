import { Refusal, type RefusalFacts } from "../../../errors.ts";
import type { SlackContext } from "../context.ts";

/**
 * Slack answers a download that the app's scopes do not allow with its sign-in page and status 200 (bolt-js#2585). When a
 * file was refused and the app may not read files, that is the reason: the refusal that says so, else the error itself.
 */
export async function withReason(slack: SlackContext, team: string, error: unknown): Promise<unknown> {
  if (!(error instanceof Refusal) || !error.code.startsWith("image-") || error.code === "image-unavailable")
    return error;
  const { filename } = error.facts as RefusalFacts["image-unreachable"];
  const scopes = await grantedScopes(slack, team).catch(() => undefined);
  if (!scopes || scopes.includes("files:read")) return error;
  slack.context.log.error({ scope: "files:read" }, "Slack: the app may not read files; install it from its manifest");
  return new Refusal("image-unavailable", { filename, why: "scope" });
}

async function grantedScopes({ workspaces }: SlackContext, team: string): Promise<readonly string[] | undefined> {
  const { response_metadata } = await workspaces.call(team, { method: "auth.test" }, (client) => client.auth.test());
  return response_metadata?.scopes;
}
