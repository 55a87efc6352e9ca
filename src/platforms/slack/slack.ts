import { WebAPIPlatformError, type WebClient } from "@slack/web-api";
import type { Router } from "express";
import type { Platform, PlatformContext } from "../platform.ts";
import { slackClient } from "./client.ts";
import { createConnection } from "./connection.ts";
import { deliver } from "./deliver.ts";
import { createFollowers } from "./follow.ts";
import { listen } from "./listen.ts";
import { scopes } from "./manifest.ts";
import type { Parts, SlackOptions } from "./parts.ts";

export type { SlackOptions } from "./parts.ts";

/** Slack as one of the places where the bot lives. In HTTP mode `router` goes onto the one server, at /slack/events. */
export function createSlack(options: SlackOptions, context: PlatformContext): Platform & { router?: Router } {
  const { log, usecases, world } = context;
  const client = slackClient(options, log);
  const followers = createFollowers(usecases, world, log);
  const parts: Parts = { options, context, client, followers };
  const connection = createConnection(options, log);
  const idle = listen(connection.app, parts);

  return {
    name: "slack",
    ...(connection.router ? { router: connection.router } : {}),
    async start() {
      await checkToken(client);
      await connection.open();
    },
    async stop() {
      await connection.close();
      await idle();
      await followers.stop();
    },
    ready: () => connection.isOpen(),
    async check() {
      await checkToken(client);
      if (options.appToken) await checkAppToken(client, options.appToken);
    },
    deliver: (delivery) => deliver(parts, delivery),
  };
}

/** Throws one sentence when the token is not good, or lacks a scope. */
async function checkToken(client: WebClient): Promise<void> {
  const known = await client.auth.test().catch((error: unknown) => {
    throw new Error(`SLACK_BOT_TOKEN: Slack says ${saying(error)}.`, { cause: error });
  });
  const granted = known.response_metadata?.scopes;
  const missing = granted ? scopes.filter((scope) => !granted.includes(scope)) : [];
  if (missing.length > 0) {
    throw new Error(`SLACK_BOT_TOKEN lacks ${missing.join(", ")}: install the app again from its manifest.`);
  }
}

/** Asks for a connection and makes none. */
async function checkAppToken(client: WebClient, token: string): Promise<void> {
  await client.apps.connections.open({ token }).catch((error: unknown) => {
    throw new Error(`SLACK_APP_TOKEN: Slack says ${saying(error)}.`, { cause: error });
  });
}

function saying(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  return error instanceof Error ? error.message : String(error);
}
