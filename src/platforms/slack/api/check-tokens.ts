import type { Log } from "../../../world.ts";
import { missingIn } from "../scopes.ts";
import { slackClient } from "./client.ts";
import { codeOf } from "./faults.ts";

/** Throws one sentence when the token is not good, or lacks a scope that nothing works without. */
export async function checkBotToken(token: string, apiUrl: string, log: Log): Promise<void> {
  const known = await slackClient(token, apiUrl, log)
    .auth.test()
    .catch((error: unknown) => {
      throw new Error(`SLACK_BOT_TOKEN: Slack says ${saying(error)}.`, { cause: error });
    });
  const granted = known.response_metadata?.scopes;
  if (!granted) return;
  const { needed, wanted } = missingIn(granted);
  if (needed.length > 0) {
    throw new Error(`SLACK_BOT_TOKEN lacks ${needed.join(", ")}: install the app again from its manifest.`);
  }
  if (wanted.length > 0) log.warn({ scopes: wanted }, "Slack: some features need scopes that the app lacks");
}

/** Resolves while Slack answers, and takes the bot's token where there is one for all. */
export async function ping(
  { botToken, apiUrl }: { botToken?: string | undefined; apiUrl: string },
  log: Log,
): Promise<void> {
  const client = slackClient(botToken ?? "", apiUrl, log);
  await (botToken ? client.auth.test() : client.api.test());
}

/** Asks for a connection and makes none. */
export async function checkAppToken(token: string, apiUrl: string, log: Log): Promise<void> {
  await slackClient(token, apiUrl, log)
    .apps.connections.open()
    .catch((error: unknown) => {
      throw new Error(`SLACK_APP_TOKEN: Slack says ${saying(error)}.`, { cause: error });
    });
}

/** Throws one sentence that names the workspaces whose tokens are not good. */
export async function checkInstallations(tokens: ReadonlyMap<string, string>, apiUrl: string, log: Log): Promise<void> {
  const bad: string[] = [];
  for (const [team, token] of tokens) {
    await slackClient(token, apiUrl, log)
      .auth.test()
      .catch((error: unknown) => bad.push(`${team} (${saying(error)})`));
  }
  if (bad.length > 0) throw new Error(`Slack does not take the tokens of these workspaces: ${bad.join(", ")}.`);
}

function saying(error: unknown): string {
  return codeOf(error) ?? (error instanceof Error ? error.message : String(error));
}
