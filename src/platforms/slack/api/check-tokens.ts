import type { Log } from "../../../world.ts";
import { missingIn } from "../scopes.ts";
import { slackClient } from "./client.ts";
import { codeOf, faultOf } from "./faults.ts";

/** Throws one sentence when the token is not good, or lacks a scope that nothing works without. */
export async function checkBotToken(token: string, apiUrl: string, log: Log): Promise<void> {
  const known = await slackClient(token, apiUrl, log).auth.test().catch(explain("SLACK_BOT_TOKEN"));
  const granted = known.response_metadata?.scopes;
  if (!granted) return;
  const { needed, wanted } = missingIn(granted);
  if (needed.length > 0) {
    throw new Error(`SLACK_BOT_TOKEN lacks ${needed.join(", ")}: install the app again from its manifest.`);
  }
  if (wanted.length > 0) log.warn({ scopes: wanted }, "Slack: some features need scopes that the app lacks");
}

/** Asks for a connection and makes none. */
export async function checkAppToken(token: string, apiUrl: string, log: Log): Promise<void> {
  await slackClient(token, apiUrl, log).apps.connections.open().catch(explain("SLACK_APP_TOKEN"));
}

/** Throws one sentence that names the workspaces whose tokens are not good. */
export async function checkInstallations(tokens: ReadonlyMap<string, string>, apiUrl: string, log: Log): Promise<void> {
  const bad: string[] = [];
  for (const [team, token] of tokens) {
    await slackClient(token, apiUrl, log)
      .auth.test()
      .catch((error: unknown) => bad.push(`${team} (${reasonOf(error)})`));
  }
  if (bad.length > 0) throw new Error(`Slack does not take the tokens of these workspaces: ${bad.join(", ")}.`);
}

/** Throws one sentence while Slack does not answer, or no longer takes the one token. */
export async function pingSlack(token: string, apiUrl: string, log: Log, onlyOne: boolean): Promise<void> {
  try {
    await slackClient(token, apiUrl, log).auth.test();
  } catch (error) {
    const isAnswer = codeOf(error) !== undefined && faultOf(error) !== "delayed";
    if (onlyOne || !isAnswer) explain("SLACK_BOT_TOKEN")(error); // one workspace of many may have removed the app
  }
}

/** Is it out of reach for now, so that the same may be tried again? Else Slack has said no for good. */
export function isAway(error: unknown): boolean {
  const { cause } = error instanceof Error ? error : {};
  return faultOf(cause ?? error) === "delayed" && !operatorMustAct.test(codeOf(cause ?? error) ?? "");
}

const operatorMustAct = /^(not_authed|missing_scope)$/;

/** Throws the sentence for a failed call that was made with the token in this variable. */
export function explain(variable: string): (error: unknown) => never {
  return (error) => {
    const away = faultOf(error) === "delayed" && codeOf(error) === undefined;
    const sentence = away
      ? `Slack cannot be reached: ${reasonOf(error)}.`
      : `${variable}: Slack says ${reasonOf(error)}.`;
    throw new Error(sentence, { cause: error });
  };
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? (error instanceof Error ? error.message : String(error));
}
