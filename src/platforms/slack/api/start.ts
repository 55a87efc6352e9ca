import type { PlatformContext } from "../../platform.ts";
import type { SlackOptions } from "../options.ts";
import { checkBotToken, explain, isAway } from "./check-tokens.ts";
import type { Connection } from "./connection.ts";
import type { Workspaces } from "./workspaces.ts";

/** Begins to take events once Slack has taken the token. */
export interface Start {
  /** Throws one sentence when Slack refuses the token; while Slack cannot be reached, goes on trying after it has resolved. */
  start(): Promise<void>;
  stop(): Promise<void>;
  isDone(): boolean;
}

const firstPauseMs = 1000;
const longestPauseMs = 30_000;

export function createStart(
  { botToken, apiUrl }: SlackOptions,
  { workspaces, context }: { workspaces: Workspaces; context: PlatformContext },
  connection: Connection,
): Start {
  const { log, world } = context;
  const stopping = new AbortController();
  let done = false;
  let trying = Promise.resolve();

  async function begin(): Promise<void> {
    if (botToken) await checkBotToken(botToken, apiUrl, log);
    await workspaces.load();
    if (stopping.signal.aborted) return;
    await connection.open().catch(explain("SLACK_APP_TOKEN"));
    done = true;
  }

  async function tryOn(failed: unknown): Promise<void> {
    let reason = sentenceOf(failed);
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      log.warn({ pauseMs, reason }, "Slack: not started yet, and tried again");
      await world.sleep(pauseMs, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await begin();
        return log.info({}, "Slack: started after all");
      } catch (error) {
        reason = sentenceOf(error);
      }
    }
  }

  return {
    async start() {
      try {
        await begin();
      } catch (error) {
        if (!isAway(error)) throw error;
        trying = tryOn(error);
      }
    },
    async stop() {
      stopping.abort();
      await trying;
    },
    isDone: () => done,
  };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
